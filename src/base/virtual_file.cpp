#include "src/base/virtual_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/integers.h"

namespace sectile::internal {

std::uint64_t VirtualFile::append(std::span<const std::byte> bytes,
                                  std::shared_ptr<const void> owner,
                                  std::uint64_t alignment_bytes) {
  const std::uint64_t offset = align_up(size_bytes_, alignment_bytes);
  pieces_.push_back({offset, bytes, std::move(owner)});
  size_bytes_ = offset + bytes.size();
  return offset;
}

Result<std::span<const std::byte>> VirtualFile::view(std::uint64_t offset_bytes,
                                                     std::uint64_t size_bytes) const {
  const auto after = std::upper_bound(
      pieces_.begin(), pieces_.end(), offset_bytes,
      [](std::uint64_t offset, const Piece& piece) { return offset < piece.offset_bytes; });
  if (after != pieces_.begin()) {
    const Piece& piece = *std::prev(after);
    const std::uint64_t within = offset_bytes - piece.offset_bytes;
    if (within <= piece.bytes.size() && size_bytes <= piece.bytes.size() - within) {
      return piece.bytes.subspan(within, size_bytes);
    }
  }
  return fail(
      ErrorCode::internal,
      fmt::format("[program] bytes {} to {} of the rewritten program lie in no single piece",
                  offset_bytes, offset_bytes + size_bytes));
}

}  // namespace sectile::internal
