// VirtualFile: a file that exists only as a list of byte ranges.
//
// A rewritten program is a few kilobytes of new bytes and the old file's weights. Nothing is
// copied: the pieces lie where they are and this says at which offset of the whole each one stands.
// Gaps between pieces read as zeros.
//
// Thread safety: building is for one thread; const members from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {

class VirtualFile {
 public:
  struct Piece {
    std::uint64_t offset_bytes = 0;
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;  // keeps `bytes` alive
  };

  // Puts `bytes` after what is there, at the next multiple of `alignment_bytes`; returns the
  // offset.
  // REQUIRES: alignment_bytes is at least 1.
  std::uint64_t append(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                       std::uint64_t alignment_bytes = 1);

  std::uint64_t size_bytes() const { return size_bytes_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

  // The bytes [offset, offset + size), which must lie within one piece.
  // Errors: internal (the range is not within one piece).
  Result<std::span<const std::byte>> view(std::uint64_t offset_bytes,
                                          std::uint64_t size_bytes) const;

 private:
  std::vector<Piece> pieces_;  // by offset
  std::uint64_t size_bytes_ = 0;
};

}  // namespace sectile::internal
