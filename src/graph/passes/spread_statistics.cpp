#include "src/graph/passes/spread_statistics.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/operator.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {

namespace {

// What is made of constants and statistics alone.
std::vector<bool> find_statistics(const Graph& graph) {
  std::vector<bool> is_constant(graph.values.size(), false);
  std::vector<bool> is_statistic(graph.values.size(), false);
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    is_constant[id] = graph.values[id].constant.has_value();
  }
  for (const Node& node : graph.nodes) {
    const OperatorRule* rule = find_rule(node.op);
    const auto is_known = [&](ValueId id) {
      return id == kNoValue || is_constant[id] || is_statistic[id];
    };
    const auto comes_from_one = [&](ValueId id) { return id != kNoValue && is_statistic[id]; };
    const bool all_known = std::ranges::all_of(node.inputs, is_known);
    const bool is_one = rule != nullptr && rule->statistic != Statistic::none;
    is_statistic[node.output] =
        is_one || (all_known && std::ranges::any_of(node.inputs, comes_from_one));
    is_constant[node.output] = all_known && !is_statistic[node.output];
  }
  return is_statistic;
}

// An image with the rows and columns of the spread statistic.
struct SameSize {
  ValueId id = kNoValue;
  std::size_t channel_dim = 3;
};

// Whether their dims are the same, the channels aside.
bool fit_each_other(const Shape& a, const Shape& b, std::size_t channel_dim) {
  if (a.dims.size() != 4 || b.dims.size() != 4) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != channel_dim && a.dims[i] != b.dims[i]) return false;
  }
  return true;
}

// Where the channels lie after the node.
std::optional<std::size_t> channels_after(const Graph& graph, const Node& node,
                                          const SameSize& from) {
  if (const auto* transpose = std::get_if<Transpose>(&node.attributes)) {
    const auto place =
        std::ranges::find(transpose->perm, static_cast<std::int64_t>(from.channel_dim));
    if (transpose->perm.size() != 4 || place == transpose->perm.end()) return {};
    return static_cast<std::size_t>(place - transpose->perm.begin());
  }
  if (!fit_each_other(graph.shape(node.output), graph.shape(from.id), from.channel_dim)) return {};
  return from.channel_dim;
}

// What the first node that joins `spread` with an image takes beside it. Nodes that take `spread`
// alone, and keep its rows and columns, are looked through.
ValueId find_reference(const Graph& graph, const SameSize& spread,
                       const std::vector<bool>& is_statistic) {
  std::vector<SameSize> same{spread};
  for (const Node& node : graph.nodes) {
    const auto from = std::ranges::find_if(same, [&](const SameSize& each) {
      return std::ranges::find(node.inputs, each.id) != node.inputs.end();
    });
    if (from == same.end()) continue;
    for (const ValueId id : node.inputs) {
      const bool is_image = id != kNoValue && !graph.values[id].constant && !is_statistic[id];
      if (is_image && fit_each_other(graph.shape(id), graph.shape(from->id), from->channel_dim)) {
        return id;
      }
    }
    const auto channel_dim = channels_after(graph, node, *from);
    if (channel_dim) same.push_back({node.output, *channel_dim});
  }
  return kNoValue;
}

bool brings_to_size(const Node& node) {
  return node.op == kSpread || node.op == "Sampling" || node.op == "XNNStaticResizeBilinear2D";
}

// How the channels of one pixel, and of the image that is made of it, lie.
enum class Lies { otherwise, planar, row_major };

Lies how_it_lies(const Shape& pixel, const Shape& image) {
  const auto& in = pixel.dims;
  const auto& out = image.dims;
  if (in.size() != 4 || out.size() != 4 || in[0] != 1 || out[0] != 1) return Lies::otherwise;
  if (in[1] == 1 && in[2] == 1 && in[3] == out[3]) return Lies::row_major;
  return in[1] == out[1] && in[2] == 1 && in[3] == 1 ? Lies::planar : Lies::otherwise;
}

// Appends nodes that make the node's output of the rows and columns of `reference`.
void add_spread(const Node& node, ValueId reference, Lies lies, Graph& graph) {
  Node spread = node;
  spread.op = kSpread;
  spread.inputs = {reference, node.inputs[0]};
  if (node.op != "XNNStaticResizeBilinear2D") spread.attributes = Sampling{};
  if (lies == Lies::row_major) return graph.nodes.push_back(std::move(spread));
  const std::vector<std::int64_t> planar = graph.shape(node.output).dims;
  spread.inputs[1] = reshape(graph, node.inputs[0], {1, 1, 1, planar[1]});
  spread.output = add_like(graph, node.output, {{1, planar[2], planar[3], planar[1]}, -1, -1});
  graph.nodes.push_back(spread);
  finish_lowering({graph, node}, graph, transpose(graph, spread.output, {0, 3, 1, 2}));
}

// In an order in which they can run, close to that in which they stand.
std::vector<Node> in_order(const Graph& graph) {
  std::vector<bool> is_there(graph.values.size(), true);
  for (const Node& node : graph.nodes) is_there[node.output] = false;
  std::vector<Node> waiting = graph.nodes;
  std::vector<Node> sorted;
  while (!waiting.empty()) {
    std::vector<Node> later;
    for (Node& node : waiting) {
      const bool is_ready = std::ranges::all_of(
          node.inputs, [&](ValueId id) { return id == kNoValue || is_there[id]; });
      if (is_ready) is_there[node.output] = true;
      (is_ready ? sorted : later).push_back(std::move(node));
    }
    if (later.size() == waiting.size()) return graph.nodes;  // a damaged program
    waiting = std::move(later);
  }
  return sorted;
}

}  // namespace

Graph spread_statistics(Graph graph) {
  const std::vector<bool> is_statistic = find_statistics(graph);
  const Graph whole = graph;
  graph.nodes.clear();
  bool is_changed = false;
  for (const Node& node : whole.nodes) {
    const ValueId pixel = node.inputs.empty() ? kNoValue : node.inputs[0];
    const bool is_spread = brings_to_size(node) && pixel != kNoValue && is_statistic[pixel];
    const Lies lies =
        is_spread ? how_it_lies(whole.shape(pixel), whole.shape(node.output)) : Lies::otherwise;
    const ValueId reference =
        lies == Lies::otherwise
            ? kNoValue
            : find_reference(whole, {node.output, lies == Lies::planar ? 1U : 3U}, is_statistic);
    if (reference == kNoValue) {
      graph.nodes.push_back(node);
    } else {
      add_spread(node, reference, lies, graph);
      is_changed = true;
    }
  }
  if (is_changed) graph.nodes = in_order(graph);
  return graph;
}

}  // namespace sectile::internal
