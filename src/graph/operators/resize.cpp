// Bilinear resizing by powers of two, half-pixel centres.
//
// Output row o lies at (o + 1/2) / r - 1/2 of the input and is mixed from the two rows around it.
// With r a power of two the position and both weights are exact in float at any distance from the
// origin; other factors round differently there.
#include <fmt/format.h>

#include <array>
#include <bit>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {
constexpr std::uint32_t kAlignCorners = 0x8;  // XNN_FLAG_ALIGN_CORNERS

Ratio factor(const NodeView& view, Axis axis) {
  return operators::reduced(view.output_shape().length(axis), view.input(0).shape.length(axis));
}

Status check_factor(Ratio r) {
  const bool power_of_two = std::has_single_bit(static_cast<std::uint64_t>(r.num)) &&
                            std::has_single_bit(static_cast<std::uint64_t>(r.den));
  if (power_of_two) return {};
  return fail(ErrorCode::not_exact,
              fmt::format("it resizes by {}/{}, which is no power of two: positions are rounded "
                          "differently far from the origin",
                          r.num, r.den));
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  if (auto status = operators::require_image(inputs[0]); !status) return fail(status.error());
  if (view.node.flags & kAlignCorners) {
    return fail(ErrorCode::not_exact,
                "with align_corners every output pixel depends on the size of the whole image");
  }
  Shape out{view.output_shape().dims, 1, 2};
  if (out.dims.size() != 4 || out.dims[3] != inputs[0].dims[3]) {
    return fail(ErrorCode::corrupt, "its input and its output have different channels");
  }
  for (const Axis axis : {Axis::y, Axis::x}) {
    const auto dim = static_cast<std::size_t>(out.dim_of(axis));
    const Ratio r =
        operators::reduced(view.output_shape().dims[dim], view.input(0).shape.dims[dim]);
    if (auto status = check_factor(r); !status) return fail(status.error());
    if (inputs[0].dims[dim] % r.den != 0) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("{} rows or columns cannot be divided by {}", inputs[0].dims[dim], r.den));
    }
    out.dims[dim] = inputs[0].dims[dim] / r.den * r.num;
  }
  return out;
}

std::int64_t row_above(std::int64_t output, Ratio r) {
  return floor_div((2 * output + 1) * r.den - r.num, 2 * r.num);
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const Ratio r = factor(view, axis);
  return {row_above(output.begin, r), row_above(output.end - 1, r) + 2};
}

// On the way up the rows at the ends of a part are mixed with a repeated edge where the image goes
// on: a row or more is computed beyond those wanted. On the way down nothing is mixed across the
// input rows of one output row.
Crop part_ranges(const NodeView& view, Axis axis, Range output) {
  const Ratio r = factor(view, axis);
  if (r.num == 1) return {{output.begin * r.den, output.end * r.den}, output};
  const Range input = reach(view, 0, axis, output);
  return {input, {input.begin * r.num, input.end * r.num}};
}

Ratio scale(const NodeView& view, Axis axis) { return factor(view, axis); }

double cost(const NodeView& view) {
  return 4.0 * static_cast<double>(view.output_shape().elements());
}

// Four pointers and two weights an output pixel.
OperatorMemory memory(const NodeView& view) {
  const Shape& output = view.output_shape();
  return {.indirection_bytes = output.length(Axis::y) * output.length(Axis::x) * (4 * 8 + 2 * 4)};
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
    "by powers of two, half-pixel centres; other factors and align_corners are not exact";

constexpr std::array kRules = {OperatorRule{.op = "XNNStaticResizeBilinear2D",
                                            .format = &kFormat,
                                            .shape = shape,
                                            .reach = reach,
                                            .scale = scale,
                                            .cost = cost,
                                            .memory = memory,
                                            .crop = {part_ranges},
                                            .flags = kAlignCorners,
                                            .limits = kLimits,
                                            .refusals = {.not_exact = BlockerReason::resize_factor},
                                            .size_doubt = operators::resize_size_doubt,
                                            .widens_halves = true}};
}  // namespace

std::span<const OperatorRule> resize_rules() { return kRules; }

}  // namespace sectile::internal
