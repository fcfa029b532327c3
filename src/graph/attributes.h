// Attributes: what the nodes of each kind of operator say beside their inputs and output.
//
// Thread safety: plain data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "src/base/integers.h"
#include "src/graph/kernel_call.h"

namespace sectile::internal {

enum class Axis { y, x };

// What a window (convolution, pooling) does along one axis.
struct Window {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_before = 0;
  std::int64_t pad_after = 0;
  std::int64_t adjustment = 0;  // transposed convolution: extra rows at the end

  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
  std::int64_t padding() const { return pad_before + pad_after; }
  friend bool operator==(const Window&, const Window&) = default;
};

struct Windows {
  Window y;
  Window x;
  const Window& along(Axis axis) const { return axis == Axis::y ? y : x; }
  Window& along(Axis axis) { return axis == Axis::y ? y : x; }
  std::int64_t kernel_px() const { return y.kernel * x.kernel; }
  friend bool operator==(const Windows&, const Windows&) = default;
};

struct Convolution {
  Windows windows;
  std::int64_t groups = 1;
  std::int64_t group_input_channels = 0;
  std::int64_t group_output_channels = 0;
  friend bool operator==(const Convolution&, const Convolution&) = default;
};
struct Pooling {
  Windows windows;
  bool ceil_mode = false;  // a window that hangs over the end of the image is made too
  friend bool operator==(const Pooling&, const Pooling&) = default;
};
struct Transpose {
  std::vector<std::int64_t> perm;
  friend bool operator==(const Transpose&, const Transpose&) = default;
};
// What padding holds: one number, the rows next to the edge mirrored at it (the edge itself once),
// or the edge again and again.
enum class PadMode { constant, reflect, repeat };
// The row, of `length`, that a position before row 0 or after the last one is a copy of; rows are
// copies of themselves. REQUIRES: not PadMode::constant.
constexpr std::int64_t copied_row(PadMode mode, std::int64_t position, std::int64_t length) {
  const std::int64_t inside = std::clamp<std::int64_t>(position, 0, length - 1);
  return mode == PadMode::reflect ? 2 * inside - position : inside;
}
struct Pad {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
  float value = 0;
  PadMode mode = PadMode::constant;
  friend bool operator==(const Pad&, const Pad&) = default;
};
struct Slice {
  std::vector<std::int64_t> offsets;
  friend bool operator==(const Slice&, const Slice&) = default;
};
struct Concat {
  std::int64_t axis = 0;
  friend bool operator==(const Concat&, const Concat&) = default;
};
// Blocks of as many rows as `rows` has, from as many blocks of the input: each is a copy of that
// row of the input, counted from its block's first. Rows beyond the input's ends are its first or
// last.
struct SampledAxis {
  std::int64_t input_block = 1;
  std::vector<std::int64_t> rows = {0};
  // Of a part: the place of its first row in that row's block, and where in the part's input the
  // block is made from.
  std::int64_t first_row = 0;
  std::int64_t first_block = 0;
  // REQUIRES: not of a part.
  std::int64_t row_of(std::int64_t output) const {
    const std::int64_t place = floor_mod(output, std::ssize(rows));
    return (output - place) / std::ssize(rows) * input_block +
           rows[static_cast<std::size_t>(place)];
  }
  friend bool operator==(const SampledAxis&, const SampledAxis&) = default;
};
struct Sampling {
  SampledAxis y;
  SampledAxis x;
  bool is_by_factor = false;  // said by the program; else it may be to a size
  const SampledAxis& along(Axis axis) const { return axis == Axis::y ? y : x; }
  friend bool operator==(const Sampling&, const Sampling&) = default;
};
// Row i of dim `dim` times numbers[(first + i) % their number].
struct PeriodicFactor {
  std::int64_t dim = 0;
  std::vector<float> numbers;
  std::int64_t first = 0;
  friend bool operator==(const PeriodicFactor&, const PeriodicFactor&) = default;
};
struct LeakyRelu {
  float negative_slope = 0;
  friend bool operator==(const LeakyRelu&, const LeakyRelu&) = default;
};
struct Elu {
  float alpha = 1;
  friend bool operator==(const Elu&, const Elu&) = default;
};
// Groups of channels that share their moments.
struct ChannelGroups {
  std::int64_t channels = 1;  // of a group
  friend bool operator==(const ChannelGroups&, const ChannelGroups&) = default;
};
using Attributes =
    std::variant<std::monostate, Convolution, Pooling, Transpose, Pad, Slice, Concat, Sampling,
                 PeriodicFactor, LeakyRelu, Elu, ChannelGroups, KernelCall>;

}  // namespace sectile::internal
