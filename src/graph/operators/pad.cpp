// Padding with a constant, in space or on channels.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile {
namespace {
constexpr std::int64_t kLargestPadding = 1 << 16;

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto& pad = view.attributes<Pad>();
  Shape out = inputs[0];
  if (pad.before.size() != out.dims.size() || pad.after.size() != out.dims.size()) {
    return fail(ErrorCode::corrupt, "its paddings and its input have different dims");
  }
  for (std::size_t dim = 0; dim < out.dims.size(); ++dim) {
    if (pad.before[dim] > kLargestPadding || pad.after[dim] > kLargestPadding) {
      return fail(ErrorCode::corrupt,
                  fmt::format("it pads by {} and {}", pad.before[dim], pad.after[dim]));
    }
    out.dims[dim] += pad.before[dim] + pad.after[dim];
  }
  return out;
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const int dim = view.input(0).shape.dim_of(axis);
  if (dim < 0) return output;
  return output.shifted(-view.attributes<Pad>().before[static_cast<std::size_t>(dim)]);
}

void apply_part(const NodeView& view, Axis axis, const Part& part, Node& node) {
  const Shape& image = view.input(0).shape;
  if (image.dim_of(axis) < 0) return;
  const auto dim = static_cast<std::size_t>(image.dim_of(axis));
  auto& pad = std::get<Pad>(node.attributes);
  const Window left = operators::part_window({}, part, image.length(axis));
  pad.before[dim] = left.pad_before;
  pad.after[dim] = left.pad_after;
}

constexpr std::array kRules = {OperatorRule{"XNNStaticConstantPad",
                                            shape,
                                            reach,
                                            operators::unit_scale,
                                            operators::one_per_element,
                                            operators::no_memory,
                                            {operators::exact_part<reach>, apply_part}}};
}  // namespace

std::span<const OperatorRule> pad_rules() { return kRules; }

}  // namespace sectile
