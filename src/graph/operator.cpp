#include "src/graph/operator.h"

#include <array>
#include <unordered_map>

#include "src/graph/operators/families.h"

namespace sectile::internal {

namespace {

std::unordered_map<std::string_view, const OperatorRule*> all_rules() {
  std::unordered_map<std::string_view, const OperatorRule*> rules;
  const std::array families = {convolution_rules(), transposed_convolution_rules(),
                               pooling_rules(),     unary_rules(),
                               binary_rules(),      concat_rules(),
                               slice_rules(),       pad_rules(),
                               resize_rules(),      nearest_rules(),
                               layout_rules(),      global_rules()};
  for (const auto& family : families) {
    for (const OperatorRule& rule : family) rules.emplace(rule.op, &rule);
  }
  return rules;
}

}  // namespace

const OperatorRule* find_rule(std::string_view op) {
  static const auto rules = all_rules();
  const auto rule = rules.find(op);
  return rule == rules.end() ? nullptr : rule->second;
}

}  // namespace sectile::internal
