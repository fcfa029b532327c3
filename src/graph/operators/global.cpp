// Operators that mix the whole image. Their shape rule is the refusal; the other rules are never
// asked.
//
// Softmax is one of them only when it runs along rows or columns: XNNPACK normalises over the last
// dim, which is the channels as a rule.
#include <array>
#include <string>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

constexpr std::string_view kMultiplies =
    "it multiplies two computed values, as attention over the whole image does";

Result<Shape> attention(const NodeView&, std::span<const Shape>) {
  return fail(ErrorCode::not_exact, std::string(kMultiplies));
}

Result<Shape> softmax(const NodeView&, std::span<const Shape> inputs) {
  const int last = static_cast<int>(inputs[0].dims.size()) - 1;
  if (last == inputs[0].y || last == inputs[0].x) {
    return fail(ErrorCode::not_exact, "it normalises over the image's rows or columns");
  }
  return inputs[0];
}

using operators::pointwise_rule;

constexpr OperatorRule not_exact_rule(std::string_view op, const NodeFormat& format,
                                      Result<Shape> (*shape)(const NodeView&,
                                                             std::span<const Shape>),
                                      std::string_view why, BlockerReason reason) {
  OperatorRule rule = pointwise_rule(op, format, shape, why, {.not_exact = reason});
  rule.verdict = Verdict::not_exact;
  return rule;
}

constexpr auto kAttention = [](auto& io, auto& table, auto&) {
  io.input(table.query_id);
  io.input(table.key_id);
  io.input(table.value_id);
  io.input(table.scale_id);
  io.input(table.mask_id);
  io.output(table.output_id);
  io.flags(table.flags);
};

constexpr NodeFormat kAttentionFormat =
    node_format<fb_xnnpack::XNNScaledDotProductAttentionT, std::monostate, kAttention>(0);

constexpr OperatorRule softmax_rule() {
  OperatorRule rule = pointwise_rule("XNNSoftmax", kUnaryFormat, softmax,
                                     "over channels; over rows or columns it is not exact",
                                     {.not_exact = BlockerReason::whole_image_softmax});
  rule.order_matters = true;
  return rule;
}

constexpr std::array kRules = {not_exact_rule("XNNScaledDotProductAttention", kAttentionFormat,
                                              attention, kMultiplies, BlockerReason::attention),
                               softmax_rule()};
}  // namespace

std::span<const OperatorRule> global_rules() { return kRules; }

}  // namespace sectile::internal
