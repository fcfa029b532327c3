#include "src/graph/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "src/base/system.h"

namespace sectile::internal {

namespace {

std::vector<ValueId> values_of(const Node& node) {
  std::vector<ValueId> ids = node.inputs;
  ids.push_back(node.output);
  std::erase(ids, kNoValue);
  return ids;
}

Status check_run(DataType type) {
  if (size_bytes(type) > 0) return {};
  if (type == DataType::dynamic_i8) {
    return fail(ErrorCode::not_exact, "it quantises its input by what it finds in the whole image");
  }
  return fail(ErrorCode::unsupported,
              fmt::format("it works on {} values; Sectile runs f32, f16 and i8", to_string(type)));
}

Status check_alike(const NodeView& view) {
  const DataType type = view.output().type;
  for (const ValueId id : values_of(view.node)) {
    const DataType other = view.graph.values[id].type;
    if (other == type) continue;
    return fail(ErrorCode::corrupt,
                fmt::format("it works on {} and {} values", to_string(other), to_string(type)));
  }
  return {};
}

Status check_integers(const NodeView& view, const OperatorRule& rule) {
  if (rule.integers == Integers::none) {
    return fail(ErrorCode::unsupported, "it works on i8 values; Sectile runs it on floats");
  }
  for (const ValueId id : values_of(view.node)) {
    if (auto status = require_one_scale(view.graph.values[id]); !status) return status;
    const bool equal = view.graph.values[id].quantization == view.output().quantization;
    if (rule.integers == Integers::moved && !equal) {
      return fail(ErrorCode::corrupt, "it moves integers and says that their scale changes");
    }
  }
  return rule.scales == nullptr ? Status{} : rule.scales(view);
}

}  // namespace

Status require_factor(double factor, double least, double below) {
  if (factor >= least && factor < below) return {};
  return fail(
      ErrorCode::unsupported,
      fmt::format("the scales of its input and output are too far apart: one integer stands "
                  "for {} of the other",
                  factor));
}

Status require_one_scale(const Value& value) {
  if (value.quantization && value.quantization->channel_dim < 0) return {};
  return fail(ErrorCode::corrupt, "a value that it works on has scales for each channel");
}

std::optional<std::size_t> widening_node(const Graph& graph) {
  const auto is_half = [](const Value& value) { return value.type == DataType::f16; };
  if (std::ranges::none_of(graph.values, is_half)) return std::nullopt;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const OperatorRule* rule = find_rule(node.op);
    const bool widens = rule != nullptr && rule->widens_halves;
    if (widens && is_half(graph.values[node.output])) return i;
  }
  return has_half_arithmetic() ? std::nullopt : std::optional(graph.nodes.size());
}

Status check_types(const NodeView& view, const OperatorRule& rule) {
  for (const ValueId id : values_of(view.node)) {
    if (auto status = check_run(view.graph.values[id].type); !status) return status;
  }
  if (rule.types != nullptr) return rule.types(view);
  if (auto status = check_alike(view); !status) return status;
  if (is_float(view.output().type)) return {};
  if (view.output().type == DataType::i8) return check_integers(view, rule);
  return fail(ErrorCode::unsupported, fmt::format("it works on {} values, which XNNPACK takes in "
                                                  "no such place",
                                                  to_string(view.output().type)));
}

}  // namespace sectile::internal
