#include "src/graph/operators/common.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "src/base/integers.h"

namespace sectile::internal::operators {

namespace {
constexpr std::int64_t kLargestWindow = 1 << 16;
constexpr std::int64_t kPointerBytes = 8;

bool sane(const Window& window) {
  const auto in = [](std::int64_t value, std::int64_t least) {
    return value >= least && value <= kLargestWindow;
  };
  return in(window.kernel, 1) && in(window.stride, 1) && in(window.dilation, 1) &&
         in(window.pad_before, 0) && in(window.pad_after, 0) && in(window.adjustment, 0);
}
}  // namespace

Range same_range(const NodeView&, std::size_t, Axis, Range output) { return output; }
Result<Shape> same_shape(const NodeView&, std::span<const Shape> inputs) { return inputs[0]; }
Ratio unit_scale(const NodeView&, Axis) { return {1, 1}; }
double one_per_element(const NodeView& view) {
  return static_cast<double>(view.output_shape().elements());
}
OperatorMemory no_memory(const NodeView&) { return {}; }
OperatorMemory in_place(const NodeView&) { return {.in_place = true}; }

// Four pointers and two weights an output pixel.
OperatorMemory bilinear_memory(const NodeView& view) {
  const Shape& output = view.output_shape();
  return {.indirection_bytes = output.length(Axis::y) * output.length(Axis::x) * (4 * 8 + 2 * 4)};
}

Status require_type(const Value& value, DataType type) {
  if (value.type == type) return {};
  return fail(ErrorCode::unsupported, fmt::format("it works on {} values; Sectile runs it on {}",
                                                  to_string(value.type), to_string(type)));
}

Status require_types(const NodeView& view, DataType inputs, DataType output) {
  for (const ValueId id : view.node.inputs) {
    if (id == kNoValue) continue;
    if (auto status = require_type(view.graph.values[id], inputs); !status) return status;
  }
  return require_type(view.output(), output);
}

Ratio reduced(std::int64_t num, std::int64_t den) {
  const std::int64_t divisor = std::gcd(num, den);
  return {num / divisor, den / divisor};
}

std::vector<std::int64_t> reordered(std::span<const std::int64_t> of_dims,
                                    std::span<const std::int64_t> order) {
  std::vector<std::int64_t> out;
  for (const std::int64_t dim : order) out.push_back(of_dims[static_cast<std::size_t>(dim)]);
  return out;
}

Status require_image(const Shape& shape) {
  if (shape.dims.size() == 4 && shape.y == 1 && shape.x == 2) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("its input of shape {} is not an image of rows, columns and channels",
                          to_string(shape)));
}

Shape as_image(const Shape& shape) {
  return shape.spatial() || shape.dims.size() != 4 ? shape : Shape{shape.dims, 1, 2};
}

Status require_sane(const Windows& windows) {
  if (sane(windows.y) && sane(windows.x)) return {};
  return fail(ErrorCode::corrupt, "a kernel, stride, dilation or padding is out of range");
}

Range window_reach(const Window& window, Range output) {
  return {output.begin * window.stride - window.pad_before,
          (output.end - 1) * window.stride - window.pad_before + window.extent()};
}

Window crop_window(const Window& window, const Crop& crop, std::int64_t length) {
  Window out = window;
  out.pad_before = std::max<std::int64_t>(0, -crop.input.begin);
  out.pad_after = std::max<std::int64_t>(0, crop.input.end - length);
  return out;
}

Result<std::int64_t> window_length(const Window& window, std::int64_t length) {
  const std::int64_t room = length + window.padding() - window.extent();
  if (room < 0) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("a window of {} rows or columns does not fit into {} with {} of padding",
                    window.extent(), length, window.padding()));
  }
  return room / window.stride + 1;
}

Result<Shape> windowed_shape(const Windows& windows, const Shape& image, std::int64_t channels,
                             Result<std::int64_t> (*length)(const Window&, std::int64_t)) {
  const auto rows = length(windows.y, image.length(Axis::y));
  if (!rows) return fail(rows.error());
  const auto columns = length(windows.x, image.length(Axis::x));
  if (!columns) return fail(columns.error());
  return Shape{{image.dims[0], *rows, *columns, channels}, 1, 2};
}

// The kernels compute output channels in blocks, and turn to another window pixel in the time of
// some input channels: measured with AVX-512, convolutions of 1 to 64 channels.
double kernel_cost(const Convolution& conv, std::int64_t pixels) {
  constexpr std::int64_t kPixelSwitchCost = 4;
  const std::int64_t filter_values =
      block_channels(conv) * (conv.group_input_channels + kPixelSwitchCost);
  return static_cast<double>(pixels) *
         static_cast<double>(conv.windows.kernel_px() * filter_values);
}

std::int64_t indirection_bytes(const Windows& windows, const Shape& output, bool shared) {
  const std::int64_t rows = output.length(Axis::y);
  const std::int64_t columns = output.length(Axis::x);
  const Window& x = windows.x;
  std::int64_t per_row = columns * x.kernel;
  if (shared && x.dilation == 1) {
    per_row = x.kernel + (columns - 1) * std::min(x.stride, x.kernel);
  }
  return kPointerBytes * rows * per_row * windows.y.kernel;
}

}  // namespace sectile::internal::operators
