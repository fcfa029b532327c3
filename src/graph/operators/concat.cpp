// Concatenation along a dim that is not the image's: channels, as a rule.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

Status check(const Shape& first, const Shape& other, std::size_t axis) {
  if (other.dims.size() != first.dims.size() || other.y != first.y || other.x != first.x) {
    return fail(ErrorCode::unsupported,
                fmt::format("its inputs of shapes {} and {} lie differently", to_string(first),
                            to_string(other)));
  }
  for (std::size_t dim = 0; dim < first.dims.size(); ++dim) {
    if (dim != axis && first.dims[dim] != other.dims[dim]) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("its inputs have {} and {} rows or columns", first.dims[dim],
                              other.dims[dim]));
    }
  }
  return {};
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const std::int64_t axis = view.attributes<Concat>().axis;
  Shape out = inputs[0];
  if (axis < 0 || axis >= static_cast<std::int64_t>(out.dims.size())) {
    return fail(ErrorCode::corrupt,
                fmt::format("it joins along dim {} of {}", axis, to_string(out)));
  }
  if (axis == out.y || axis == out.x) {
    return fail(ErrorCode::unsupported, "it joins images side by side or one above the other");
  }
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (auto status = check(inputs[0], inputs[i], static_cast<std::size_t>(axis)); !status) {
      return fail(status.error());
    }
    out.dims[static_cast<std::size_t>(axis)] += inputs[i].dims[static_cast<std::size_t>(axis)];
  }
  return out;
}

// The table has room for 5 inputs.
template <std::size_t inputs>
constexpr auto kFields = [](auto& io, auto& table, auto& concat) {
  const std::array ids{&table.input1_id, &table.input2_id, &table.input3_id, &table.input4_id,
                       &table.input5_id};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i < inputs) io.input(*ids[i]);
    if (i >= inputs) io.unused(*ids[i]);
  }
  io.output(table.output_id);
  io.flags(table.flags);
  io.field(table.axis, concat.axis);
};

template <std::size_t inputs>
constexpr NodeFormat kFormat = node_format<fb_xnnpack::_XNNCatT, Concat, kFields<inputs>>();

void reorder(Node& node, std::span<const std::int64_t> order) {
  std::int64_t& axis = std::get<Concat>(node.attributes).axis;
  axis = std::ranges::find(order, axis) - order.begin();
}

template <std::size_t inputs>
constexpr OperatorRule rule(std::string_view op) {
  OperatorRule rule = operators::with_integers(
      operators::pointwise_rule(
          op, kFormat<inputs>, shape,
          "along channels; images side by side or one above the other are refused",
          {.unsupported = BlockerReason::side_by_side}),
      Integers::moved);
  rule.memory = operators::no_memory;
  rule.reorder = reorder;
  return rule;
}

constexpr std::array kRules = {rule<2>("XNNConcatenate2"), rule<3>("XNNConcatenate3"),
                               rule<4>("XNNConcatenate4"), rule<5>("XNNConcatenate5")};
}  // namespace

std::span<const OperatorRule> concat_rules() { return kRules; }

}  // namespace sectile::internal
