#include "src/graph/passes/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "src/graph/infer.h"
#include "src/graph/operator.h"
#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/prune.h"

namespace sectile::internal {

namespace {

// Far beyond any network: each stage is a copy of the graph.
constexpr int kMostDepth = 256;
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 20;

// Whether it makes a statistic of an image.
bool adds_up(const Graph& graph, const Node& node) {
  const OperatorRule* rule = find_rule(node.op);
  return rule != nullptr && rule->statistic != Statistic::none &&
         graph.shape(node.inputs[0]).spatial() && !graph.shape(node.output).spatial();
}

bool is_norm(const Node& node) {
  const OperatorRule* rule = find_rule(node.op);
  return rule != nullptr && rule->take_apart != nullptr;
}

// How many statistics that depend on each other each value is made of, itself included.
std::vector<int> depths_of(const Graph& graph) {
  std::vector<int> depths(graph.values.size(), 0);
  for (const Node& node : graph.nodes) {
    int& depth = depths[node.output];
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) depth = std::max(depth, depths[id]);
    }
    if (adds_up(graph, node)) ++depth;
  }
  return depths;
}

const Node* maker_of(const Graph& graph, ValueId id) {
  const auto maker = std::ranges::find(graph.nodes, id, &Node::output);
  return maker == graph.nodes.end() ? nullptr : &*maker;
}

// What is added up, and how. XNNPACK makes the mean of a square one operator, whoever else reads
// the square. Source: its subgraph.c, optimize_common_subgraphs_reduce_sum_to_square and
// ..._mul_to_sqr.
struct Summand {
  ValueId statistic = kNoValue;
  Statistic kind = Statistic::none;
  ValueId image = kNoValue;
  std::int64_t group_channels = 1;
};

Summand summand_of(const Graph& graph, const Node& node) {
  const Statistic kind = find_rule(node.op)->statistic;
  const ValueId image = node.inputs[0];
  if (const auto* groups = std::get_if<ChannelGroups>(&node.attributes)) {
    return {node.output, kind, image, groups->channels};
  }
  const Node* maker = maker_of(graph, image);
  const bool is_square = maker != nullptr && !maker->clamp &&
                         (maker->op == "XNNSquare" ||
                          (maker->op == "XNNMultiply" && maker->inputs[0] == maker->inputs[1]));
  if (kind != Statistic::mean || !is_square) return {node.output, kind, image};
  return {node.output, Statistic::mean_of_squares, maker->inputs[0]};
}

// Those of one stage: of one depth and of images of one size, which lie alike.
using Group = std::vector<Summand>;

bool share_a_stage(const Graph& graph, ValueId a, ValueId b) {
  return graph.shape(a).size() == graph.shape(b).size();
}

// Of those that the output needs.
std::vector<Group> groups_at(const Graph& graph, const std::vector<int>& depths, int depth,
                             const std::vector<bool>& needed) {
  std::vector<Group> groups;
  for (const Node& node : graph.nodes) {
    if (!needed[node.output] || !adds_up(graph, node) || depths[node.output] != depth) continue;
    const Summand summand = summand_of(graph, node);
    const auto group = std::ranges::find_if(groups, [&](const Group& others) {
      return share_a_stage(graph, others[0].image, summand.image);
    });
    if (group == groups.end()) {
      groups.push_back({summand});
    } else {
      group->push_back(summand);
    }
  }
  return groups;
}

ValueId as_row_major(Graph& graph, ValueId id) {
  if (is_row_major_image(graph.shape(id))) return id;
  const ValueId turned = transpose(graph, id, {0, 2, 3, 1});
  graph.values[turned].shape = {graph.shape(turned).dims, 1, 2};
  return turned;
}

// A network gives back no value that it only moved.
ValueId copied(Graph& graph, ValueId id) {
  Node copy;
  copy.op = "XNNCopy";
  copy.inputs = {id};
  copy.output = add_like(graph, id, graph.shape(id));
  graph.nodes.push_back(copy);
  return copy.output;
}

// The images of the group, each of them once.
std::vector<ValueId> images_of(const Group& group) {
  std::vector<ValueId> images;
  for (const Summand& summand : group) {
    if (std::ranges::find(images, summand.image) == images.end()) images.push_back(summand.image);
  }
  return images;
}

// Which channels each image has of all of them, one after the other.
std::vector<Range> channels_of(const Graph& graph, std::span<const ValueId> images) {
  std::vector<Range> channels;
  std::int64_t end = 0;
  for (const ValueId id : images) {
    channels.push_back({end, end + graph.shape(id).channels()});
    end = channels.back().end;
  }
  return channels;
}

// Makes the graph's output the images, channel after channel.
void join_outputs(std::vector<ValueId> images, Graph& graph) {
  for (ValueId& id : images) id = as_row_major(graph, id);
  const ValueId joined = images.size() == 1 ? images[0] : join(graph, images, kRowMajorChannels);
  graph.output = images.size() == 1 ? copied(graph, joined) : joined;
}

Constant zeros(std::int64_t size_bytes) {
  Constant constant;
  constant.size_bytes = static_cast<std::uint64_t>(size_bytes);
  constant.bytes.resize(static_cast<std::size_t>(size_bytes));
  return constant;
}

// The graph without what makes statistics: those that stay needed become constants.
Graph with_known(const Graph& whole, const std::vector<int>& depths) {
  Graph graph = whole;
  std::erase_if(graph.nodes, [&](const Node& node) {
    return depths[node.output] > 0 && !whole.shape(node.output).spatial();
  });
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    Value& value = graph.values[id];
    if (depths[id] > 0 && !value.shape.spatial()) value.constant = zeros(value.size_bytes());
  }
  return graph;
}

std::vector<bool> needed_values(const Graph& graph) {
  const Pruned pruned = prune(graph);
  std::vector<bool> needed;
  for (const ValueId place : pruned.moved) needed.push_back(place != kNoValue);
  return needed;
}

void set_shapes(Graph& graph) {
  const Inference inference = infer_all(graph, graph.image_size());
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    if (inference.shapes[id]) graph.values[id].shape = *inference.shapes[id];
  }
}

class StageCutter {
 public:
  StageCutter(const Graph& whole, std::optional<double> work_per_kept_byte)
      : whole_(whole),
        depths_(depths_of(whole)),
        needed_(needed_values(whole)),
        without_(with_known(whole, depths_)) {
    if (work_per_kept_byte) kept_.emplace(whole, depths_, needed_, *work_per_kept_byte);
  }

  std::vector<Stage> cut() {
    std::vector<Stage> stages;
    for (int depth = 1; depth <= depths_[whole_.output]; ++depth) {
      for (const Group& group : groups_at(whole_, depths_, depth, needed_)) {
        stages.push_back(stage_of(group, depth));
      }
    }
    stages.push_back(begun(without_, images_there()));
    finish(stages.back());
    drop_unread(stages);
    return stages;
  }

 private:
  // The network's input, and what the stages so far keep.
  std::vector<ValueId> images_there() const {
    std::vector<ValueId> images{whole_.input};
    if (kept_) std::ranges::copy(kept_->all(), std::back_inserter(images));
    return images;
  }

  // Of a stage whose output is set: reads what it can of those images.
  Stage begun(const Graph& graph, std::span<const ValueId> there) const {
    Stage stage;
    stage.graph = graph;
    const std::vector<ValueId> images = images_read(graph, there);
    if (images.empty() || images == std::vector{whole_.input}) return stage;
    if (auto inputs = read_images(images, stage.graph)) {
      stage.inputs = std::move(*inputs);
      set_shapes(stage.graph);
    }
    return stage;
  }

  void finish(Stage& stage) const {
    Pruned pruned = prune(stage.graph);
    for (ValueId id = 0; id < depths_.size(); ++id) {
      const bool is_statistic = depths_[id] > 0 && !whole_.shape(id).spatial();
      if (is_statistic && pruned.moved[id] != kNoValue) {
        stage.known.push_back({id, pruned.moved[id]});
      }
    }
    stage.graph = std::move(pruned.graph);
  }

  // What an image was kept for may have been kept too.
  static void drop_unread(std::vector<Stage>& stages) {
    std::vector<ValueId> read;
    for (const Stage& stage : stages) {
      for (const StageInput& input : stage.inputs) read.push_back(input.image);
    }
    for (Stage& stage : stages) {
      std::erase_if(stage.kept, [&](const KeptImage& kept) {
        return std::ranges::find(read, kept.image) == read.end();
      });
    }
  }

  Stage stage_of(const Group& group, int depth) {
    std::vector<ValueId> images = images_of(group);
    Graph graph = without_;
    const std::vector<ValueId> there = images_there();
    std::vector<ValueId> to_keep;
    if (kept_) to_keep = kept_->choose(depth, images);
    for (const ValueId id : to_keep) {
      if (std::ranges::find(images, id) == images.end()) images.push_back(id);
    }
    const std::vector<Range> channels = channels_of(graph, images);
    const auto channels_at = [&](ValueId id) {
      return channels[static_cast<std::size_t>(std::ranges::find(images, id) - images.begin())];
    };
    join_outputs(images, graph);
    Stage stage = begun(graph, there);
    for (const Summand& summand : group) {
      stage.sums.push_back(
          {summand.statistic, summand.kind, channels_at(summand.image), summand.group_channels});
    }
    for (const ValueId id : to_keep) stage.kept.push_back({id, channels_at(id)});
    finish(stage);
    return stage;
  }

  const Graph& whole_;
  const std::vector<int> depths_;
  const std::vector<bool> needed_;
  const Graph without_;  // what makes statistics
  std::optional<KeptImages> kept_;
};

// ---- between stages

ValueId add_line(Graph& graph, std::int64_t values) {
  Value line;
  line.shape.dims = {1, 1, 1, values};
  graph.values.push_back(std::move(line));
  return static_cast<ValueId>(graph.values.size() - 1);
}

Node reshape_node(ValueId from, ValueId to) {
  Node node;
  node.op = "XNNStaticReshape";
  node.inputs = {from};
  node.output = to;
  return node;
}

// The nodes that make `wanted`, in their order, of the values that are there; those that they take
// of the latter are put into `taken`.
std::vector<Node> nodes_making(const Graph& whole, std::span<const ValueId> wanted,
                               std::span<const ValueId> made, std::vector<ValueId>& taken) {
  std::vector<bool> needed(whole.values.size(), false);
  for (const ValueId id : wanted) needed[id] = true;
  std::vector<Node> nodes;
  for (std::size_t i = whole.nodes.size(); i-- > 0;) {
    const Node& node = whole.nodes[i];
    const bool is_made = std::ranges::find(made, node.output) != made.end();
    if (!needed[node.output] || is_made) continue;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) needed[id] = true;
    }
    nodes.push_back(node);
  }
  std::ranges::reverse(nodes);
  std::ranges::copy_if(made, std::back_inserter(taken), [&](ValueId id) { return needed[id]; });
  return nodes;
}

}  // namespace

bool takes_statistics(const Graph& graph) {
  if (depths_of(graph)[graph.output] > 0) return true;
  return std::ranges::any_of(graph.nodes, is_norm) &&
         std::ranges::any_of(prune(graph).graph.nodes, is_norm);
}

Graph statistics_apart(const Graph& graph) {
  Graph out = graph;
  out.nodes.clear();
  for (const Node& node : graph.nodes) {
    if (is_norm(node)) {
      find_rule(node.op)->take_apart({graph, node}, out);
    } else {
      out.nodes.push_back(node);
    }
  }
  set_shapes(out);
  return out;
}

std::optional<NodeProblem> stage_problem(const Graph& whole) {
  const std::vector<int> depths = depths_of(whole);
  const auto problem = [](std::size_t node, std::string why) {
    return NodeProblem{
        node, {ErrorCode::unsupported, std::move(why)}, BlockerReason::whole_image_pool};
  };
  for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
    const Value& made = whole.values[whole.nodes[i].output];
    if (depths[whole.nodes[i].output] == 0 || made.shape.spatial()) continue;
    if (depths[whole.nodes[i].output] > kMostDepth) {
      return problem(i, fmt::format("more than {} statistics depend on each other", kMostDepth));
    }
    if (made.type != DataType::f32) {
      return problem(i, fmt::format("a statistic of the whole image is {}: Sectile takes f32",
                                    to_string(made.type)));
    }
    if (made.shape.elements() > kMostNumbers) {
      return problem(i, fmt::format("a statistic has {} numbers, more than any network's",
                                    made.shape.elements()));
    }
  }
  return {};
}

std::vector<Stage> cut_into_stages(const Graph& whole, std::optional<double> work_per_kept_byte) {
  return StageCutter(whole, work_per_kept_byte).cut();
}

StatisticsGraph statistics_graph(const Graph& whole, std::span<const ValueId> made,
                                 std::span<const ValueId> wanted) {
  StatisticsGraph out;
  std::ranges::copy_if(wanted, std::back_inserter(out.outputs),
                       [&](ValueId id) { return std::ranges::find(made, id) == made.end(); });
  Graph graph = whole;
  graph.input = kNoValue;
  graph.output = kNoValue;
  const std::vector<Node> nodes = nodes_making(whole, out.outputs, made, out.inputs);
  graph.nodes.clear();
  for (const ValueId id : out.inputs) {
    graph.extra_inputs.push_back(add_line(graph, whole.shape(id).elements()));
    graph.nodes.push_back(reshape_node(graph.extra_inputs.back(), id));
  }
  std::ranges::copy(nodes, std::back_inserter(graph.nodes));
  for (const ValueId id : out.outputs) {
    graph.extra_outputs.push_back(add_line(graph, whole.shape(id).elements()));
    graph.nodes.push_back(reshape_node(id, graph.extra_outputs.back()));
  }
  out.graph = prune(graph).graph;
  return out;
}

}  // namespace sectile::internal
