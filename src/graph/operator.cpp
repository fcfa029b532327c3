#include "src/graph/operator.h"

#include <algorithm>
#include <array>

#include "src/graph/operators/families.h"

namespace sectile {

const OperatorRule* find_rule(std::string_view op) {
  const std::array families = {convolution_rules(), transposed_convolution_rules(),
                               pooling_rules(),     unary_rules(),
                               binary_rules(),      concat_rules(),
                               slice_rules(),       pad_rules(),
                               resize_rules(),      nearest_rules(),
                               layout_rules(),      global_rules()};
  for (const auto& family : families) {
    const auto rule = std::ranges::find(family, op, &OperatorRule::op);
    if (rule != family.end()) return &*rule;
  }
  return nullptr;
}

}  // namespace sectile
