// Concatenation along a dim that is not the image's: channels, as a rule.
#include <fmt/format.h>

#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

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

constexpr OperatorRule rule(std::string_view op) {
  return operators::with_integers(
      operators::pointwise_rule(
          op, shape, "along channels; images side by side or one above the other are refused"),
      Integers::moved);
}

constexpr std::array kRules = {rule("XNNConcatenate2"), rule("XNNConcatenate3"),
                               rule("XNNConcatenate4"), rule("XNNConcatenate5")};
}  // namespace

std::span<const OperatorRule> concat_rules() { return kRules; }

}  // namespace sectile::internal
