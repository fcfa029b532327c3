// What several files of operators share: the rules of pointwise operators, and the checks of
// windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "src/graph/operator.h"

namespace sectile::internal::operators {

// An argument of a kernel call; null when it is of another kind. REQUIRES: the call has it.
template <typename T>
const T* kernel_argument(const NodeView& view, std::size_t index) {
  return std::get_if<T>(&view.attributes<KernelCall>().arguments[index]);
}

// Rules of operators whose output row depends on the same row of every input.
Range same_range(const NodeView& view, std::size_t index, Axis axis, Range output);
Ratio unit_scale(const NodeView& view, Axis axis);
double one_per_element(const NodeView& view);
OperatorMemory no_memory(const NodeView& view);
OperatorMemory in_place(const NodeView& view);

// Of XNNPACK's bilinear resize.
inline constexpr std::uint32_t kAlignCorners = 0x8;  // XNN_FLAG_ALIGN_CORNERS
OperatorMemory bilinear_memory(const NodeView& view);

// The part of an operator that computes just the rows wanted, from the rows that `reach` names.
template <auto reach>
Crop exact_part(const NodeView& view, Axis axis, Range output) {
  return {reach(view, 0, axis, output), output};
}

// Of a pointwise function of several values, at least one of them an image: their dims fit each
// other from the last one backwards, and those of length 1 are repeated.
Result<Shape> pointwise_shape(const NodeView& view, std::span<const Shape> inputs);

// Of the node's first input, in another image than the exported one.
inline std::int64_t rows_of(const NodeView& view, Axis axis, const OtherImage& image) {
  return image.shapes[view.node.inputs[0]].length(axis);
}

// For messages.
constexpr const char* rows_or_columns(Axis axis) { return axis == Axis::y ? "rows" : "columns"; }

// Errors: unsupported.
Status require_type(const Value& value, DataType type);
// Of all inputs that are there, and of the output.
Status require_types(const NodeView& view, DataType inputs, DataType output);

// The types of a node that works on f32 alone.
inline Status floats_alone(const NodeView& view) {
  return require_types(view, DataType::f32, DataType::f32);
}

// The output has the shape of the first input.
Result<Shape> same_shape(const NodeView& view, std::span<const Shape> inputs);

// The rule of an operator whose output row depends on the same row of its inputs.
constexpr OperatorRule pointwise_rule(std::string_view op, const NodeFormat& format,
                                      Result<Shape> (*shape)(const NodeView&,
                                                             std::span<const Shape>) = same_shape,
                                      std::string_view limits = {}, Refusals refusals = {}) {
  return {.op = op,
          .format = &format,
          .shape = shape,
          .reach = same_range,
          .scale = unit_scale,
          .cost = one_per_element,
          .memory = in_place,
          .crop = {exact_part<same_range>},
          .limits = limits,
          .refusals = refusals};
}

// The rule for i8 too.
constexpr OperatorRule with_integers(OperatorRule rule, Integers integers,
                                     Status (*scales)(const NodeView&) = nullptr) {
  rule.integers = integers;
  rule.scales = scales;
  return rule;
}

// Of a value with one scale.
double scale_of(const Value& value);

Ratio reduced(std::int64_t num, std::int64_t den);

// One number for each dim, when the dims are put into that order.
std::vector<std::int64_t> reordered(std::span<const std::int64_t> of_dims,
                                    std::span<const std::int64_t> order);

// Errors: unsupported, when the shape is not [1, rows, columns, channels] with the image's axes in
// that order.
Status require_image(const Shape& shape);

// [1, rows, columns, channels] of a value that does not lie along the image, as an image of its
// own; other shapes as they are.
Shape as_image(const Shape& shape);

// Errors: corrupt, for kernels, strides, dilations that are not positive, or numbers no network
// has.
Status require_sane(const Windows& windows);

// The types of the values of a convolution, or of a fully connected layer: image, filter and bias.
// `channel_dim` is that of the filter's dims that counts output channels. Errors: corrupt,
// unsupported.
Status check_convolution_types(const NodeView& view, int channel_dim);

// XNNPACK's kernels compute output channels in blocks, to which weights are filled up: measured
// with AVX-512.
inline constexpr std::int64_t kBlockChannels = 16;

// Output channels, those of each group filled up to whole blocks.
std::int64_t block_channels(const Convolution& conv);

// Bytes of XNNPACK's packed weights in such blocks, where integers have their inputs in blocks too.
std::int64_t block_weight_bytes(const NodeView& view);

// Bytes of packed weights: filters of so many input channels for so many outputs, bias, and scales
// where there are some.
std::int64_t packed_weight_bytes(const NodeView& view, std::int64_t outputs, std::int64_t inputs);

// Rows a window is computed from (convolution and pooling alike).
Range window_reach(const Window& window, Range output);

// The padding that is left to a window of which only `part` is wanted, for `length` input rows.
Window crop_window(const Window& window, const Crop& crop, std::int64_t length);

// Rows that come out for `length` rows. Errors: invalid_argument when the window does not fit once.
Result<std::int64_t> window_length(const Window& window, std::int64_t length);

// The image of `channels` channels that windows make of `image`, `length` telling how many rows
// come out. Errors: those of `length`.
Result<Shape> windowed_shape(const Windows& windows, const Shape& image, std::int64_t channels,
                             Result<std::int64_t> (*length)(const Window&, std::int64_t));

// What XNNPACK's matrix kernels take for `pixels` output pixels of a convolution (input pixels of a
// transposed one), in multiply-adds that are like those of wide convolutions.
double kernel_cost(const Convolution& conv, std::int64_t pixels);

// Bytes of XNNPACK's indirection table of one window operator: a pointer for each kernel element of
// each output pixel, those of neighbouring windows shared where `shared` says so (pooling,
// depthwise convolution).
std::int64_t indirection_bytes(const Windows& windows, const Shape& output, bool shared);

}  // namespace sectile::internal::operators
