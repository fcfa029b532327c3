// ProgramBytes: the bytes of a program (.pte), in memory of their own.
//
// A file is read once, when it is opened: what happens to it later, be it truncated, overwritten or
// removed, reaches nobody. A caller's bytes are copied for the same reason, and because XNNPACK's
// kernels read a little past the end of a constant: kSpareBytes after the end can be read here too.
// They are 0. The first byte is aligned for any type, as ExecuTorch requires.
//
// Thread safety: immutable.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {

class ProgramBytes {
 public:
  static constexpr std::size_t kSpareBytes = 64;

  // The content of a file; its name is the path. Throws std::bad_alloc.
  // Errors: not_found, corrupt (an empty file), io (anything else that is not a file which can be
  // read to its end and stays the same meanwhile).
  static Result<std::shared_ptr<const ProgramBytes>> read(const std::string& path);

  // The name is for messages. Both throw std::bad_alloc.
  static std::shared_ptr<const ProgramBytes> copy(std::span<const std::byte> bytes,
                                                  std::string name);
  // Copies nothing when the vector has room for the spare bytes.
  static std::shared_ptr<const ProgramBytes> adopt(std::vector<std::byte> bytes, std::string name);

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::string& name() const { return name_; }

 private:
  ProgramBytes(std::string name, std::shared_ptr<const void> memory,
               std::span<const std::byte> bytes)
      : name_(std::move(name)), memory_(std::move(memory)), bytes_(bytes) {}

  std::string name_;
  std::shared_ptr<const void> memory_;
  std::span<const std::byte> bytes_;
};

}  // namespace sectile::internal
