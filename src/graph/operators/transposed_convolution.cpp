// Transposed convolution: output row o gets input row i where o = i * stride - padding + k *
// dilation for some kernel row k.
//
// Filter: [out channels, kernel rows, kernel columns, in channels of a group]. Bias: [out
// channels], or absent.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {
using operators::reduced;

Status check(const NodeView& view, std::span<const Shape> inputs) {
  const auto& conv = view.attributes<Convolution>();
  if (auto status = operators::require_image(inputs[0]); !status) return status;
  if (auto status = operators::require_sane(conv.windows); !status) return status;
  const std::int64_t out_channels = conv.groups * conv.group_output_channels;
  const std::array filter{out_channels, conv.windows.y.kernel, conv.windows.x.kernel,
                          conv.group_input_channels};
  const bool channels_fit = conv.groups >= 1 && conv.group_input_channels >= 1 &&
                            conv.group_output_channels >= 1 &&
                            inputs[0].dims[3] == conv.groups * conv.group_input_channels;
  const bool bias_fits =
      view.node.inputs[2] == kNoValue ||
      (view.input(2).constant && std::ranges::equal(inputs[2].dims, std::array{out_channels}));
  if (channels_fit && bias_fits && view.input(1).constant &&
      std::ranges::equal(inputs[1].dims, filter)) {
    return {};
  }
  return fail(ErrorCode::corrupt,
              fmt::format("its filter of shape {} does not fit its input of {} channels",
                          to_string(inputs[1]), inputs[0].dims[3]));
}

Result<std::int64_t> length(const Window& window, std::int64_t input) {
  const std::int64_t rows =
      (input - 1) * window.stride + window.adjustment + window.extent() - window.padding();
  if (rows >= 1 && window.adjustment < window.stride) return rows;
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("{} rows or columns leave nothing after {} of padding", input, window.padding()));
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  if (auto status = check(view, inputs); !status) return fail(status.error());
  const auto& conv = view.attributes<Convolution>();
  return operators::windowed_shape(conv.windows, inputs[0],
                                   conv.groups * conv.group_output_channels, length);
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const Window& window = view.attributes<Convolution>().windows.along(axis);
  return {ceil_div(output.begin + window.pad_before - (window.extent() - 1), window.stride),
          floor_div(output.end - 1 + window.pad_before, window.stride) + 1};
}

// A kernel below its stride leaves rows that come from the bias alone: what makes the rows before
// them is taken in.
Crop part_ranges(const NodeView& view, Axis axis, Range output) {
  const Window& window = view.attributes<Convolution>().windows.along(axis);
  Range input = reach(view, 0, axis, output);
  input.begin = std::min(input.begin, floor_div(output.begin + window.pad_before, window.stride));
  return {input, output};
}

// Padding crops here: what the first input row makes above the part, and the last below it. Where
// the last makes too little, rows are added as at the image's end.
void crop_node(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  const Window& whole = view.attributes<Convolution>().windows.along(axis);
  const Range input = crop.input.intersect({0, view.input(0).shape.length(axis)});
  const std::int64_t made = (input.size() - 1) * whole.stride + whole.extent();
  Window& window = std::get<Convolution>(node.attributes).windows.along(axis);
  window.pad_before = crop.output.begin + whole.pad_before - input.begin * whole.stride;
  const std::int64_t after = made - window.pad_before - crop.output.size();
  window.pad_after = std::max<std::int64_t>(0, after);
  window.adjustment = std::max<std::int64_t>(0, -after);
}

Ratio scale(const NodeView& view, Axis axis) {
  return reduced(view.attributes<Convolution>().windows.along(axis).stride, 1);
}

double cost(const NodeView& view) {
  const Shape& input = view.input(0).shape;
  return operators::kernel_cost(view.attributes<Convolution>(),
                                input.length(Axis::y) * input.length(Axis::x));
}

// One pointer for each kernel element and each output pixel that it meets: one in a stride.
OperatorMemory memory(const NodeView& view) {
  const auto& conv = view.attributes<Convolution>();
  const Shape& output = view.output_shape();
  const auto pointers = [&](Axis axis) {
    const Window& window = conv.windows.along(axis);
    return window.kernel * ceil_div(output.length(axis), window.stride);
  };
  return {.weight_bytes = operators::block_weight_bytes(view),
          .indirection_bytes = 8 * pointers(Axis::y) * pointers(Axis::x)};
}

Status types(const NodeView& view) { return operators::check_convolution_types(view, 0); }

constexpr std::array kRules = {OperatorRule{.op = "XNNConvTranspose2d",
                                            .format = &kConvolutionFormat,
                                            .shape = shape,
                                            .reach = reach,
                                            .scale = scale,
                                            .cost = cost,
                                            .memory = memory,
                                            .crop = {part_ranges, crop_node},
                                            .integers = Integers::rescaled,
                                            .types = types}};
}  // namespace

std::span<const OperatorRule> transposed_convolution_rules() { return kRules; }

}  // namespace sectile::internal
