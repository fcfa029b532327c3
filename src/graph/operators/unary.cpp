// Pointwise functions of one value.
#include <fmt/format.h>

#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/types.h"

namespace sectile::internal {
namespace {

constexpr OperatorRule rule(std::string_view op) {
  return operators::pointwise_rule(op, kUnaryFormat);
}

constexpr OperatorRule widening(std::string_view op) {
  OperatorRule widening = rule(op);
  widening.widens_halves = true;
  return widening;
}

// XNNPACK has the node before it clamp and drops this one, unless a stream holds what lies between:
// that would be rounded to the scale of its own first.
bool keeps_scale(const NodeView& view) {
  return view.input(0).quantization == view.output().quantization;
}

Status clamp_scales(const NodeView& view) {
  constexpr double kLeast = 0x1p-8;
  constexpr double kBelow = 0x1p7;
  return require_factor(operators::scale_of(view.input(0)) / operators::scale_of(view.output()),
                        kLeast, kBelow);
}

constexpr OperatorRule clamp() {
  OperatorRule clamp = operators::with_integers(rule("XNNClamp"), Integers::rescaled, clamp_scales);
  clamp.crop.possible = keeps_scale;
  clamp.limits = "of i8 values it does not stream where it changes their scale";
  return clamp;
}

Status conversion(const NodeView& view) {
  const Value& from = view.input(0);
  const Value& to = view.output();
  const bool quantises = from.type == DataType::f32 && to.type == DataType::i8;
  const bool restores = from.type == DataType::i8 && to.type == DataType::f32;
  if (quantises || restores) return require_one_scale(quantises ? to : from);
  return fail(ErrorCode::unsupported,
              fmt::format("it converts {} to {}: Sectile converts between f32 and i8",
                          to_string(from.type), to_string(to.type)));
}

constexpr OperatorRule convert() {
  OperatorRule convert = rule("XNNConvert");
  convert.types = conversion;
  convert.limits = "between f32 and i8";
  return convert;
}

constexpr std::array kRules = {rule("XNNAbs"),
                               rule("XNNCeiling"),
                               clamp(),
                               convert(),
                               rule("XNNCopy"),
                               rule("XNNCos"),
                               rule("XNNExp"),
                               rule("XNNFloor"),
                               widening("XNNGelu"),
                               rule("XNNHardswish"),
                               rule("XNNLog"),
                               rule("XNNNegate"),
                               rule("XNNReciprocalSquareRoot"),
                               rule("XNNSigmoid"),
                               rule("XNNSin"),
                               rule("XNNSquare"),
                               rule("XNNSquareRoot"),
                               rule("XNNTanh")};
}  // namespace

std::span<const OperatorRule> unary_rules() { return kRules; }

}  // namespace sectile::internal
