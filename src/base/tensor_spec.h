// TensorSpec: the shape, layout and type of one tensor that a network takes or gives.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>

#include "sectile/geometry.h"
#include "src/base/data_type.h"

namespace sectile::internal {

// How the values of one image lie in a buffer.
enum class Layout {
  planar,       // NCHW: channel after channel
  interleaved,  // NHWC: the channels of a pixel side by side
};

struct TensorSpec {
  std::int64_t channels = 0;
  Size size;
  Layout layout = Layout::planar;
  DataType type = DataType::f32;  // f16, i8 and bools too
  std::int64_t values() const { return channels * size.area(); }
  std::int64_t bytes() const { return values() * size_bytes(type); }
  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

}  // namespace sectile::internal
