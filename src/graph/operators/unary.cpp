// Pointwise functions of one value.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile {
namespace {

Result<Shape> shape(const NodeView&, std::span<const Shape> inputs) { return inputs[0]; }

constexpr OperatorRule rule(std::string_view op) { return operators::pointwise_rule(op, shape); }

constexpr std::array kRules = {rule("XNNAbs"),       rule("XNNCeiling"),
                               rule("XNNClamp"),     rule("XNNCopy"),
                               rule("XNNCos"),       rule("XNNELU"),
                               rule("XNNExp"),       rule("XNNFloor"),
                               rule("XNNGelu"),      rule("XNNHardswish"),
                               rule("XNNLeakyReLU"), rule("XNNLog"),
                               rule("XNNNegate"),    rule("XNNReciprocalSquareRoot"),
                               rule("XNNSigmoid"),   rule("XNNSin"),
                               rule("XNNSquare"),    rule("XNNSquareRoot"),
                               rule("XNNTanh")};
}  // namespace

std::span<const OperatorRule> unary_rules() { return kRules; }

}  // namespace sectile
