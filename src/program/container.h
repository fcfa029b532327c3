// The outer format: the program's FlatBuffer, its extended header, its segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "program_generated.h"
#include "sectile/result.h"

namespace sectile::internal {

// Whose files are read: 0.4 to 1.5 write ET12 with XN01 inside; XN00 is older.
inline constexpr const char* kReadableVersions = "ExecuTorch up to 1.5";

struct ByteRange {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

// A verified program. Views into the file's bytes, which must outlive it.
class Container {
 public:
  // Errors: corrupt, unsupported (another format); the message is the bare reason.
  static Result<Container> parse(std::span<const std::byte> file);

  const executorch_flatbuffer::Program& program() const { return *program_; }
  std::span<const std::byte> file() const { return file_; }

  // Where segment `index` lies in the file. Errors: corrupt.
  Result<ByteRange> segment(std::uint32_t index) const;
  // Where a delegate's bytes lie in the file. Errors: corrupt.
  Result<ByteRange> delegate_bytes(const executorch_flatbuffer::BackendDelegate& delegate) const;
  // Where the data of a constant tensor of `size_bytes` lies in the file. Errors: corrupt.
  Result<ByteRange> constant_tensor(const executorch_flatbuffer::Tensor& tensor,
                                    std::uint64_t size_bytes) const;
  // Where the named data lies in the file. Errors: corrupt.
  Result<ByteRange> named_data(const std::string& key) const;

 private:
  Result<ByteRange> constant_segment(std::uint32_t index) const;

  std::span<const std::byte> file_;
  const executorch_flatbuffer::Program* program_ = nullptr;
  std::uint64_t segment_base_bytes_ = 0;
  std::map<std::string, std::uint32_t> named_segments_;
};

// Little-endian numbers at any alignment. REQUIRES: the bytes are there.
std::uint32_t read_u32(std::span<const std::byte> bytes, std::size_t offset);
std::uint64_t read_u64(std::span<const std::byte> bytes, std::size_t offset);
void write_u16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value);
void write_u32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value);
void write_u64(std::span<std::byte> bytes, std::size_t offset, std::uint64_t value);

// Offsets and lengths of the extended header (ExecuTorch
// runtime/executor/../schema/extended_header.h).
namespace extended_header {
inline constexpr std::size_t kOffset = 8;
inline constexpr std::size_t kSize = 32;
inline constexpr std::size_t kLengthOffset = kOffset + 4;
inline constexpr std::size_t kProgramBytesOffset = kOffset + 8;
inline constexpr std::size_t kSegmentBaseOffset = kOffset + 16;
inline constexpr std::size_t kSegmentBytesOffset = kOffset + 24;
inline constexpr char kMagic[] = "eh00";
}  // namespace extended_header

inline constexpr std::uint64_t kSegmentAlignmentBytes = 128;

}  // namespace sectile::internal
