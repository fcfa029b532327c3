// Operators that mix the whole image. Their shape rule is the refusal; the other rules are never
// asked.
//
// Softmax is one of them only when it runs along rows or columns: XNNPACK normalises over the last
// dim, which is the channels as a rule.
#include <array>
#include <string>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile::internal {
namespace {

constexpr std::string_view kAverages = "it averages over the whole image";
constexpr std::string_view kMultiplies =
    "it multiplies two computed values, as attention over the whole image does";

Result<Shape> global_pool(const NodeView&, std::span<const Shape>) {
  return fail(ErrorCode::not_exact, std::string(kAverages));
}

Result<Shape> matrix_product(const NodeView&, std::span<const Shape>) {
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

constexpr std::array kRules = {
    pointwise_rule("XNNGlobalAvgPooling2d", global_pool, kAverages, Verdict::not_exact),
    pointwise_rule("XNNBatchMatrixMultiply", matrix_product, kMultiplies, Verdict::not_exact),
    pointwise_rule("XNNScaledDotProductAttention", matrix_product, kMultiplies, Verdict::not_exact),
    pointwise_rule("XNNSoftmax", softmax, "over channels; over rows or columns it is not exact")};
}  // namespace

std::span<const OperatorRule> global_rules() { return kRules; }

}  // namespace sectile::internal
