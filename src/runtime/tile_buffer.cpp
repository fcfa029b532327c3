#include "src/runtime/tile_buffer.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "src/base/integers.h"

namespace sectile::internal {
namespace {

constexpr std::size_t kAlignmentBytes = 64;
constexpr std::size_t kSpareBytes = 64;
// No machine that runs tiles has so much; a request beyond it is a mistake in the arithmetic before
// us.
constexpr std::int64_t kMaxValues = (std::int64_t{1} << 40) / sizeof(float);

// The block of calloc starts somewhere before the aligned data. Its address stands right before the
// data, for Free.
void*& block_of(float* data) { return reinterpret_cast<void**>(data)[-1]; }

}  // namespace

void TileBuffer::Free::operator()(float* data) const { std::free(block_of(data)); }

Result<TileBuffer> TileBuffer::allocate(std::int64_t values) {
  if (values < 0 || values >= kMaxValues) {
    return fail(ErrorCode::over_budget,
                fmt::format("[memory] no buffer can hold {} float values", values));
  }
  const std::size_t data_bytes = static_cast<std::size_t>(values) * sizeof(float);
  std::size_t room_bytes = data_bytes + kSpareBytes + kAlignmentBytes;
  // calloc and not memset: pages that are never touched never become resident.
  void* block = std::calloc(1, sizeof(void*) + room_bytes);
  if (block == nullptr) {
    return fail(ErrorCode::over_budget,
                fmt::format("[memory] the system has no {} bytes for a buffer", data_bytes));
  }
  void* data = static_cast<std::byte*>(block) + sizeof(void*);
  std::align(kAlignmentBytes, data_bytes + kSpareBytes, data, room_bytes);
  TileBuffer buffer;
  buffer.data_.reset(static_cast<float*>(data));
  buffer.count_ = static_cast<std::size_t>(values);
  block_of(buffer.data_.get()) = block;
  return buffer;
}

Result<TileBuffer> TileBuffer::allocate_bytes(std::int64_t bytes) {
  return allocate(ceil_div(bytes, std::int64_t{sizeof(float)}));
}

}  // namespace sectile::internal
