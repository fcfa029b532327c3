#include "src/graph/infer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <expected>
#include <utility>

#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/types.h"

namespace sectile::internal {

namespace {

Shape input_at(const Graph& graph, Size image) {
  Shape shape = graph.input_shape();
  if (shape.y >= 0) shape.dims[static_cast<std::size_t>(shape.y)] = image.height;
  if (shape.x >= 0) shape.dims[static_cast<std::size_t>(shape.x)] = image.width;
  return shape;
}

// Bits of XNNPACK's flags that change no values of the operators with a rule. Others do: "same"
// padding, for one.
constexpr std::uint32_t kHarmlessFlags = kTransientTable | kKeepDims;

Status check_flags(const Node& node, const OperatorRule& rule) {
  if ((node.flags & ~(kHarmlessFlags | rule.flags)) == 0) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("its flags {:#x} ask for more than Sectile knows of", node.flags));
}

Status check_clamp(const Node& node) {
  if (!node.clamp || node.clamp->min <= node.clamp->max) return {};  // false for NaN
  return fail(ErrorCode::corrupt, fmt::format("it clamps its output to {} and above, {} and below",
                                              node.clamp->min, node.clamp->max));
}

// Rules read dims of the exported shapes at the places that the derived ones name.
Status check_ranks(const Graph& graph, const Node& node, std::span<const Shape> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const Shape& exported = graph.shape(node.inputs[i]);
    if (exported.dims.size() == inputs[i].dims.size()) continue;
    return fail(ErrorCode::corrupt, fmt::format("its input has the shape {} where {} is made",
                                                to_string(exported), to_string(inputs[i])));
  }
  return {};
}

// So that sums of bytes and of work over all values of a network stay far below 2^63.
constexpr std::int64_t kMostElements = std::int64_t{1} << 46;

Status check_elements(const Shape& shape) {
  if (product_within(shape.dims, kMostElements)) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("it would make {} values, more than any machine holds", to_string(shape)));
}

Status check_node(const Graph& graph, const Node& node, const OperatorRule& rule,
                  std::span<const Shape> inputs) {
  if (auto status = check_flags(node, rule); !status) return status;
  if (auto status = check_clamp(node); !status) return status;
  return check_ranks(graph, node, inputs);
}

struct Refusal {
  Error error;
  BlockerReason reason = BlockerReason::other;
};

BlockerReason reason_of(const Error& error, const OperatorRule& rule) {
  if (error.code == ErrorCode::not_exact) return rule.refusals.not_exact;
  return error.code == ErrorCode::unsupported ? rule.refusals.unsupported : BlockerReason::other;
}

Refusal refuse_without_rule(const std::string& op) {
  return {{ErrorCode::unsupported,
           fmt::format("Sectile has no rule for this operator: {}", why_no_rule(op))},
          why_refused(op)};
}

std::expected<Shape, Refusal> infer_node(const Graph& graph, const Node& node,
                                         std::span<const Shape> inputs) {
  const auto refuse = [](Error error, BlockerReason reason = BlockerReason::other) {
    return std::unexpected(Refusal{std::move(error), reason});
  };
  const OperatorRule* rule = find_rule(node.op);
  if (rule == nullptr) return std::unexpected(refuse_without_rule(node.op));
  if (rule->verdict == Verdict::exact) {
    const auto status = check_types({graph, node}, *rule);
    if (!status) return refuse(status.error(), BlockerReason::data_type);
  }
  const auto status = check_node(graph, node, *rule, inputs);
  if (!status) return refuse(status.error());
  auto shape = rule->shape({graph, node}, inputs);
  if (!shape) return refuse(shape.error(), reason_of(shape.error(), *rule));
  if (const auto fits = check_elements(*shape); !fits) return refuse(fits.error());
  return std::move(*shape);
}

}  // namespace

Result<Shape> infer_shape(const Graph& graph, const Node& node, std::span<const Shape> inputs) {
  auto shape = infer_node(graph, node, inputs);
  if (!shape) return fail(std::move(shape.error().error));
  return std::move(*shape);
}

Inference infer_all(const Graph& graph, Size image) {
  Inference result;
  result.shapes.resize(graph.values.size());
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    if (graph.values[id].constant) result.shapes[id] = graph.values[id].shape;
  }
  result.shapes[graph.input] = input_at(graph, image);
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const auto known = [&](ValueId id) { return id == kNoValue || result.shapes[id].has_value(); };
    if (!std::ranges::all_of(node.inputs, known)) continue;
    std::vector<Shape> inputs;
    for (const ValueId id : node.inputs) {
      inputs.push_back(id == kNoValue ? Shape{} : *result.shapes[id]);
    }
    auto shape = infer_node(graph, node, inputs);
    if (shape) {
      result.shapes[node.output] = std::move(*shape);
    } else {
      result.problems.push_back({index, std::move(shape.error().error), shape.error().reason});
    }
  }
  return result;
}

Result<std::vector<Shape>> infer_shapes(const Graph& graph, Size image) {
  if (image.height < 1 || image.width < 1) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("an image of {} has no pixels", to_string(image)));
  }
  Inference inference = infer_all(graph, image);
  if (!inference.problems.empty()) {
    const NodeProblem& first = inference.problems.front();
    return fail(first.error.code, fmt::format("{} at {}: {}", node_name(graph, first.node),
                                              to_string(image), first.error.message));
  }
  std::vector<Shape> shapes;
  shapes.reserve(inference.shapes.size());
  for (auto& shape : inference.shapes) shapes.push_back(shape ? std::move(*shape) : Shape{});
  return shapes;
}

}  // namespace sectile::internal
