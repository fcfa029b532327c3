// Bilinear resizing.
//
// Output row o lies at (o + 1/2) / r - 1/2 of the input, or with align_corners at o (n - 1) / (m -
// 1) for n rows that become m, and is mixed from the two rows around it. Without align_corners,
// and with r a power of two or one to a whole number, the position and both weights are exact in
// float at any distance from the origin: XNNPACK computes parts as it computes the whole.
// Otherwise positions are rounded differently far from the origin, or depend on the image's size:
// parts are computed by a kernel of Sectile's own, which knows where they lie
// (src/base/own_kernels.h).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "src/base/integers.h"
#include "src/base/own_kernels.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/operators/resize_doubts.h"

namespace sectile::internal {
namespace {
using operators::kAlignCorners;
constexpr std::array kAxes = {Axis::y, Axis::x};

bool align_corners(const NodeView& view) { return (view.node.flags & kAlignCorners) != 0; }

// Of [1, rows, columns, channels]: the exported shapes' axes need not be known.
Ratio factor(const NodeView& view, Axis axis) {
  const std::size_t dim = axis == Axis::y ? 1 : 2;
  return operators::reduced(view.output_shape().dims[dim], view.input(0).shape.dims[dim]);
}

// Whether positions and weights are exact, and parts can be resized as the whole is.
bool is_exact(Ratio r) {
  return r.num == 1 || (r.den == 1 && std::has_single_bit(static_cast<std::uint64_t>(r.num)));
}

// Whether a part has the same bits wherever it lies.
bool is_alike_everywhere(const NodeView& view) {
  return !align_corners(view) && is_exact(factor(view, Axis::y)) && is_exact(factor(view, Axis::x));
}

Status check_placed(const NodeView& view) {
  if (is_alike_everywhere(view)) return {};
  if (view.node.clamp || view.input(0).type != DataType::f32) {
    return fail(ErrorCode::unsupported,
                "with align_corners, or by factors other than 2, 4, 8, ... and 1/2, 1/3, 1/4, "
                "..., only f32 is resized");
  }
  return {};
}

// Positions are rounded by less than the distance of two of them from a row, so that `reach`
// holds.
Status check_rounding(Ratio r, std::int64_t length) {
  constexpr std::int64_t kMost = std::int64_t{1} << 21;
  if (length <= kMost / std::max(r.num, r.den)) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("positions of {} rows or columns are too inexact to resize them by {}/{}",
                          length, r.num, r.den));
}

// PyTorch rounds down; parts of what was rounded are not run (resize_length_doubt).
Result<std::int64_t> resized(const NodeView& view, Axis axis, std::int64_t length) {
  const Ratio r = factor(view, axis);
  if (!is_alike_everywhere(view)) {
    if (auto status = check_rounding(r, length); !status) return fail(status.error());
  }
  const std::int64_t outputs = length * r.num / r.den;
  if (outputs == 0) return fail(ErrorCode::invalid_argument, operators::makes_none(axis, length));
  return outputs;
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  if (auto status = operators::require_image(inputs[0]); !status) return fail(status.error());
  Shape out{view.output_shape().dims, 1, 2};
  if (out.dims.size() != 4 || out.dims[3] != inputs[0].dims[3]) {
    return fail(ErrorCode::corrupt, "its input and its output have different channels");
  }
  if (auto status = check_placed(view); !status) return fail(status.error());
  for (const Axis axis : kAxes) {
    const auto length = resized(view, axis, inputs[0].length(axis));
    if (!length) return fail(length.error());
    out.dims[static_cast<std::size_t>(out.dim_of(axis))] = *length;
  }
  return out;
}

// The row at or above the position of the output row.
std::int64_t row_above(std::int64_t output, Ratio r) {
  return floor_div((2 * output + 1) * r.den - r.num, 2 * r.num);
}

// Where the output row may lie in images of any size, as numerators over `den`.
struct Positions {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t den = 1;
};

Positions positions(const NodeView& view, Axis axis, std::int64_t output) {
  const Ratio r = factor(view, axis);
  if (!align_corners(view)) {
    const std::int64_t position = (2 * output + 1) * r.den - r.num;
    return {position, position, 2 * r.num};
  }
  // o / r where the image begins, and 1 - 1 / r less where it ends.
  const std::int64_t drift = r.den - r.num;
  return {output * r.den + std::min<std::int64_t>(drift, 0),
          output * r.den + std::max<std::int64_t>(drift, 0), r.num};
}

// A position that is a whole row may be rounded to one just above it.
Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const Ratio r = factor(view, axis);
  if (is_alike_everywhere(view)) {
    return {row_above(output.begin, r), row_above(output.end - 1, r) + 2};
  }
  const Positions first = positions(view, axis, output.begin);
  const Positions last = positions(view, axis, output.end - 1);
  return {ceil_div(first.least, first.den) - 1, floor_div(last.most, last.den) + 2};
}

// XNNPACK: on the way up the rows at the ends of a part are mixed with a repeated edge where the
// image goes on, so a row or more is computed beyond those wanted. On the way down nothing is
// mixed across the input rows of one output row.
Crop part_ranges(const NodeView& view, Axis axis, Range output) {
  const Range input = reach(view, 0, axis, output);
  if (!is_alike_everywhere(view)) return {input, output};
  const Ratio r = factor(view, axis);
  if (r.num == 1) return {{output.begin * r.den, output.end * r.den}, output};
  return {input, {input.begin * r.num, input.end * r.num}};
}

ResizedAxis resized_axis(const NodeView& whole, Axis axis, const PartPlace& part) {
  return {whole.input(0).shape.length(axis),
          whole.output_shape().length(axis),
          part.first_input,
          part.first_output,
          part.input_scale.num,
          part.input_scale.den};
}

void place(const NodeView& whole, const PartPlace& rows, const PartPlace& columns, Node& node) {
  if (is_alike_everywhere(whole)) return;
  const ResizedPart part{align_corners(whole), resized_axis(whole, Axis::y, rows),
                         resized_axis(whole, Axis::x, columns)};
  node.op = kResizeBilinear;
  node.flags = 0;
  node.attributes = KernelCall{{KernelCall::Input{0}, part.numbers(), KernelCall::Output{}}};
}

Ratio scale(const NodeView& view, Axis axis) { return factor(view, axis); }

double cost(const NodeView& view) {
  return 4.0 * static_cast<double>(view.output_shape().elements());
}

// New rows and columns of [1, rows, columns, channels].
constexpr auto kFields = [](auto& io, auto& table, auto&) {
  io.ends(table);
  io.from_output(table, [](auto& out, const std::vector<std::int64_t>& dims) {
    if (dims.size() != 4) return;
    out.new_height = static_cast<std::uint32_t>(dims[1]);
    out.new_width = static_cast<std::uint32_t>(dims[2]);
  });
};

constexpr NodeFormat kFormat =
    node_format<fb_xnnpack::XNNStaticResizeBilinear2DT, std::monostate, kFields>();

constexpr std::string_view kLimits =
    "by powers of two and to one of so many rows; f32 by any factor and with align_corners too";

// A part, by Sectile's own kernel. Programs that are read cannot hold it.
Result<Shape> part_shape(const NodeView& view, std::span<const Shape>) {
  return view.output_shape();
}

constexpr KernelFormat kPartFormat{.arguments = "tl", .is_own = true};

constexpr std::array kRules = {
    OperatorRule{.op = "XNNStaticResizeBilinear2D",
                 .format = &kFormat,
                 .shape = shape,
                 .reach = reach,
                 .scale = scale,
                 .cost = cost,
                 .memory = operators::bilinear_memory,
                 .crop = {part_ranges},
                 .place = place,
                 .flags = kAlignCorners,
                 .limits = kLimits,
                 .refusals = {.unsupported = BlockerReason::resize_factor},
                 .size_doubt = operators::resize_size_doubt,
                 .length_doubt = operators::resize_length_doubt,
                 .widens_halves = true},
    OperatorRule{.op = kResizeBilinear,
                 .kernel = &kPartFormat,
                 .shape = part_shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = cost,
                 .memory = operators::no_memory}};
}  // namespace

std::span<const OperatorRule> resize_rules() { return kRules; }

}  // namespace sectile::internal
