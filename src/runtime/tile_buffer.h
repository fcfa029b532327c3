// TileBuffer: memory for the values of a tile.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sectile/result.h"

namespace sectile::internal {

// A buffer that XNNPACK may be given: aligned to 64 bytes, with 64 spare bytes after the end.
// Zero-filled. It holds floats, as a rule.
class TileBuffer {
 public:
  TileBuffer() = default;
  // Errors: over_budget when the system has no such memory.
  static Result<TileBuffer> allocate(std::int64_t values);
  static Result<TileBuffer> allocate_bytes(std::int64_t bytes);
  std::span<float> values() { return {data_.get(), count_}; }
  std::span<const float> values() const { return {data_.get(), count_}; }
  std::byte* bytes() { return reinterpret_cast<std::byte*>(data_.get()); }

 private:
  struct Free {
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Free> data_;
  std::size_t count_ = 0;
};

}  // namespace sectile::internal
