#include "src/graph/operator.h"

#include <array>
#include <unordered_map>

#include "src/graph/operators/families.h"

namespace sectile::internal {

namespace {

#define SECTILE_RULES_OF(file) file##_rules,
constexpr std::array kFiles = {SECTILE_OPERATOR_FILES(SECTILE_RULES_OF)};
#undef SECTILE_RULES_OF

// Null: newer than Sectile.
const OperatorRule* find_operator(std::string_view op) {
  static const auto operators = [] {
    std::unordered_map<std::string_view, const OperatorRule*> by_name;
    for (const OperatorRule* each : all_operators()) by_name.emplace(each->op, each);
    return by_name;
  }();
  const auto found = operators.find(op);
  return found == operators.end() ? nullptr : found->second;
}

}  // namespace

std::vector<const OperatorRule*> all_operators() {
  std::vector<const OperatorRule*> operators;
  for (const auto rules_of : kFiles) {
    for (const OperatorRule& rule : rules_of()) operators.push_back(&rule);
  }
  return operators;
}

const OperatorRule* find_rule(std::string_view op) {
  const OperatorRule* found = find_operator(op);
  return found == nullptr || found->verdict == Verdict::unsupported ? nullptr : found;
}

bool is_kernel(const Node& node) {
  const OperatorRule* rule = find_rule(node.op);
  return rule != nullptr && rule->kernel != nullptr;
}

bool is_own_kernel(const Node& node) {
  const OperatorRule* rule = find_rule(node.op);
  return rule != nullptr && rule->kernel != nullptr && rule->kernel->is_own;
}

std::vector<Shape> unread_outputs(const NodeView& view) {
  const OperatorRule* rule = find_rule(view.node.op);
  const KernelFormat* kernel = rule == nullptr ? nullptr : rule->kernel;
  return kernel == nullptr || kernel->unread == nullptr ? std::vector<Shape>{}
                                                        : kernel->unread(view);
}

const NodeFormat* find_format(std::string_view op) {
  const OperatorRule* found = find_operator(op);
  return found == nullptr ? nullptr : found->format;
}

std::string_view why_no_rule(std::string_view op) {
  const OperatorRule* found = find_operator(op);
  return found == nullptr ? "it is newer than Sectile" : found->limits;
}

BlockerReason why_refused(std::string_view op) {
  const OperatorRule* found = find_operator(op);
  return found == nullptr ? BlockerReason::newer : found->refusals.unsupported;
}

}  // namespace sectile::internal
