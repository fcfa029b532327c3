// Pointwise functions of two values. PReLU is one: its second input is the slope.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/types.h"

namespace sectile::internal {
namespace {
using operators::scale_of;

// The bounds of XNNPACK's integer kernels.
constexpr double kBelow = 256;

Status add_scales(const NodeView& view) {
  constexpr double kLeast = 0x1p-10;
  for (const std::size_t input : {0U, 1U}) {
    const double factor = scale_of(view.input(input)) / scale_of(view.output());
    if (auto status = require_factor(factor, kLeast, kBelow); !status) return status;
  }
  return {};
}

Status product_scales(const NodeView& view) {
  constexpr double kLeast = 0x1p-16;
  const double product = scale_of(view.input(0)) * scale_of(view.input(1));
  return require_factor(product / scale_of(view.output()), kLeast, kBelow);
}

constexpr OperatorRule rule(std::string_view op) {
  return operators::pointwise_rule(
      op, kBinaryFormat, operators::pointwise_shape,
      "a constant may vary over channels; over rows or columns it is not exact",
      {.not_exact = BlockerReason::position_dependent,
       .unsupported = BlockerReason::different_scales});
}

constexpr std::array kRules = {
    operators::with_integers(rule("XNNAdd"), Integers::rescaled, add_scales),
    operators::with_integers(rule("XNNMultiply"), Integers::rescaled, product_scales),
    rule("XNNSubtract"),
    rule("XNNDiv"),
    rule("XNNMinimum"),
    rule("XNNMaximum"),
    rule("XNNPReLU")};
}  // namespace

std::span<const OperatorRule> binary_rules() { return kRules; }

}  // namespace sectile::internal
