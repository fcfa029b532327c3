#include "src/graph/passes/split_tokens.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/infer.h"
#include "src/graph/operator.h"
#include "src/graph/operators/common.h"
#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/dim_groups.h"

namespace sectile::internal {

namespace {

using Dims = std::vector<std::int64_t>;

constexpr std::size_t kMostDims = 6;       // XNN_MAX_TENSOR_DIMS
constexpr std::size_t kMostPieces = 1024;  // of a stack

// Which dims of a value stand for each dim that the program gave it: dim i is those from begins[i]
// to begins[i + 1].
struct Split {
  std::vector<std::size_t> begins;

  std::size_t rank() const { return begins.size() - 1; }
  std::size_t count(std::size_t dim) const { return begins[dim + 1] - begins[dim]; }
  friend bool operator==(const Split&, const Split&) = default;
};

class TokenSplitter {
 public:
  explicit TokenSplitter(const Graph& graph)
      : source_(graph),
        graph_(graph),
        makers_(graph.values.size()),
        takers_(graph.values.size()),
        shapes_(graph.values.size()),
        splits_(graph.values.size()) {
    graph_.nodes.clear();
    for (const Node& node : graph.nodes) {
      makers_[node.output] = &node;
      for (const ValueId id : node.inputs) {
        const bool is_new = id != kNoValue && (takers_[id].empty() || takers_[id].back() != &node);
        if (is_new) takers_[id].push_back(&node);
      }
    }
    for (ValueId id = 0; id < graph.values.size(); ++id) {
      if (graph.values[id].constant) shapes_[id] = graph.shape(id);
    }
    shapes_[graph.input] = graph.input_shape();
  }

  Graph split() {
    for (const Node& node : source_.nodes) add(node);
    if (splits_[graph_.output]) return source_;
    return std::move(graph_);
  }

 private:
  const Shape& shape(ValueId id) const { return *shapes_[id]; }
  const Dims& program_dims(ValueId id) const { return source_.shape(id).dims; }
  bool is_split(ValueId id) const { return id != kNoValue && splits_[id].has_value(); }

  void add(Node node) {
    if (is_part_of_stack(node)) return;
    if (is_stack(node)) return add_stack(node);
    const auto known = [&](ValueId id) { return id == kNoValue || shapes_[id].has_value(); };
    const auto split = [&](ValueId id) { return is_split(id); };
    const bool is_reachable = std::ranges::all_of(node.inputs, known);
    const bool has_split = std::ranges::any_of(node.inputs, split);
    if (is_reachable && node.op == "XNNStaticReshape") {
      split_reshape(node);
    } else if (has_split && !(is_reachable && follow(node)) && node.op != kMatrixProduct) {
      for (ValueId& id : node.inputs) id = is_split(id) ? merged(id) : id;
    }
    if (is_reachable) infer(node);
    graph_.nodes.push_back(std::move(node));
  }

  void infer(const Node& node) {
    const auto unknown = [&](ValueId id) { return id != kNoValue && !shapes_[id]; };
    if (std::ranges::any_of(node.inputs, unknown)) return;  // merged
    if (auto out = shape_of(node)) shapes_[node.output] = std::move(*out);
  }

  // REQUIRES: those of its inputs are known.
  Result<Shape> shape_of(const Node& node) const {
    std::vector<Shape> inputs;
    for (const ValueId id : node.inputs) inputs.push_back(id == kNoValue ? Shape{} : shape(id));
    return infer_shape(graph_, node, inputs);
  }

  void set_output(ValueId id, Dims dims, Split split) {
    graph_.values[id].shape.dims = std::move(dims);
    splits_[id] = std::move(split);
  }

  // The value with the dims that the program gave it. Its reshape is refused, so that nothing after
  // it is known.
  ValueId merged(ValueId id) {
    graph_.values.push_back(source_.values[id]);
    shapes_.emplace_back();
    splits_.emplace_back();
    Node node;
    node.op = "XNNStaticReshape";
    node.inputs = {id};
    node.output = static_cast<ValueId>(graph_.values.size() - 1);
    graph_.nodes.push_back(node);
    return node.output;
  }

  // ---- where dims are merged

  void split_reshape(const Node& node) {
    const Shape& in = shape(node.inputs[0]);
    const Dims& out = program_dims(node.output);
    const auto groups = match_groups(in.dims, out);
    if (!groups || in.y < 0 || in.x < 0) return;
    Dims dims;
    Split split{{0}};
    for (const DimGroup& group : *groups) {
      const bool merges = group.in.holds(in.y) && group.in.holds(in.x);
      const std::size_t merged_dim = merges ? only_dim(out, group.out) : out.size();
      for (std::size_t dim = group.out.begin; dim < group.out.end; ++dim) {
        if (dim == merged_dim) {
          append_apart(in, group.in, dims);
        } else {
          dims.push_back(out[dim]);
        }
        split.begins.push_back(dims.size());
      }
    }
    if (dims.size() == out.size() || dims.size() > kMostDims) return;
    set_output(node.output, std::move(dims), std::move(split));
  }

  // The one dim of the span that is longer than 1; as many as there are dims when there is no one.
  static std::size_t only_dim(const Dims& dims, DimSpan span) {
    std::size_t found = dims.size();
    for (std::size_t dim = span.begin; dim < span.end; ++dim) {
      if (dims[dim] == 1) continue;
      if (found != dims.size()) return dims.size();
      found = dim;
    }
    return found;
  }

  static void append_apart(const Shape& in, DimSpan span, Dims& dims) {
    for (std::size_t dim = span.begin; dim < span.end; ++dim) {
      const bool is_axis = std::cmp_equal(dim, in.y) || std::cmp_equal(dim, in.x);
      if (in.dims[dim] != 1 || is_axis) dims.push_back(in.dims[dim]);
    }
  }

  // ---- where images are stacked

  // Whether reshapes, after transposes perhaps, are all that takes the value.
  bool is_taken_apart(ValueId id) const {
    if (takers_[id].empty()) return false;
    std::vector<const Node*> rest = takers_[id];
    while (!rest.empty()) {
      const Node& node = *rest.back();
      rest.pop_back();
      if (node.op == "XNNStaticReshape") continue;
      const auto& next = takers_[node.output];
      if (!std::holds_alternative<Transpose>(node.attributes) || next.empty()) return false;
      rest.insert(rest.end(), next.begin(), next.end());
    }
    return true;
  }

  // What a concatenation joins, with what those before it join along the same dim. Nothing when
  // there are too many pieces.
  std::vector<ValueId> pieces_of(const Node& node) const {
    std::vector<ValueId> pieces;
    std::vector<ValueId> rest(node.inputs.rbegin(), node.inputs.rend());
    while (!rest.empty()) {
      const ValueId id = rest.back();
      rest.pop_back();
      const Node* maker = makers_[id];
      if (maker != nullptr && maker->attributes == node.attributes) {
        rest.insert(rest.end(), maker->inputs.rbegin(), maker->inputs.rend());
      } else {
        pieces.push_back(id);
      }
      if (pieces.size() + rest.size() > kMostPieces) return {};
    }
    return pieces;
  }

  bool is_stack(const Node& node) const {
    const auto* concat = std::get_if<Concat>(&node.attributes);
    if (concat == nullptr || !is_taken_apart(node.output)) return false;
    const auto pieces = pieces_of(node);
    const auto first = pieces.empty() ? std::nullopt : shapes_[pieces[0]];
    const bool is_over_rows = first && (concat->axis == first->y || concat->axis == first->x);
    const auto is_alike = [&](ValueId id) { return shapes_[id] == first && !is_split(id); };
    return is_over_rows && first->dims.size() < kMostDims && std::ranges::all_of(pieces, is_alike);
  }

  // A concatenation that only another one takes, and that one only the next, up to a stack.
  bool is_part_of_stack(const Node& node) const {
    if (!std::holds_alternative<Concat>(node.attributes)) return false;
    const Node* last = &node;
    while (takers_[last->output].size() == 1 &&
           takers_[last->output][0]->attributes == node.attributes) {
      last = takers_[last->output][0];
    }
    return last != &node && is_stack(*last);
  }

  // The pieces lie along a dim of their own, before the one that they are joined along.
  void add_stack(const Node& node) {
    std::vector<ValueId> pieces = pieces_of(node);
    const auto dim = static_cast<std::size_t>(std::get<Concat>(node.attributes).axis);
    Shape made = shape(pieces[0]);
    made.y += std::cmp_greater_equal(made.y, dim);
    made.x += std::cmp_greater_equal(made.x, dim);
    made.dims.insert(made.dims.begin() + static_cast<std::ptrdiff_t>(dim), 1);
    for (ValueId& id : pieces) id = reshape(graph_, id, made.dims);
    made.dims[dim] = std::ssize(pieces);
    join(graph_, std::move(pieces), dim);
    graph_.nodes.back().output = node.output;
    graph_.values.pop_back();
    shapes_.resize(graph_.values.size());
    splits_.resize(graph_.values.size());
    Split split;
    for (std::size_t i = 0; i <= made.dims.size(); ++i) {
      if (i != dim + 1) split.begins.push_back(i);
    }
    set_output(node.output, made.dims, std::move(split));
    shapes_[node.output] = std::move(made);
  }

  // ---- operators between

  // Gives the node and its output the split dims. False when it cannot do with them.
  bool follow(Node& node) {
    const auto split = common_split(node);
    if (!split || program_dims(node.output).size() != split->rank()) return false;
    if (auto* transpose = std::get_if<Transpose>(&node.attributes)) {
      return follow_transpose(*transpose, node, *split);
    }
    if (!constants_fit(node, *split)) return is_refused_for_them(node);
    return leaves_last_dims(node, *split) && rename_dims(node, *split) && take_split(node, *split);
  }

  // That of all inputs which have one. An input of the image that has none is followed nowhere.
  std::optional<Split> common_split(const Node& node) const {
    std::optional<Split> common;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue || !shape(id).spatial()) continue;
      if (!splits_[id] || (common && *common != *splits_[id])) return {};
      common = splits_[id];
    }
    return common;
  }

  // Whether none of the last dims, over which the operator works, is split.
  static bool leaves_last_dims(const Node& node, const Split& split) {
    const std::size_t count = std::min(last_dims_of(node), split.rank());
    for (std::size_t dim = split.rank() - count; dim < split.rank(); ++dim) {
      if (split.count(dim) != 1) return false;
    }
    return true;
  }

  static std::size_t last_dims_of(const Node& node) {
    if (node.op == kMatrixProduct) return 2;
    const OperatorRule* rule = find_rule(node.op);
    if (rule == nullptr || !rule->order_matters) return 0;
    const auto* call = std::get_if<KernelCall>(&node.attributes);
    if (call == nullptr) return 1;
    std::size_t most = 1;  // more of a norm over several dims: it is given the length of each
    for (const KernelCall::Argument& argument : call->arguments) {
      const auto* lengths = std::get_if<KernelCall::Integers>(&argument);
      if (lengths != nullptr) most = std::max(most, lengths->size());
    }
    return most;
  }

  bool follow_transpose(Transpose& transpose, const Node& node, const Split& split) {
    Dims perm;
    Dims dims;
    Split turned{{0}};
    for (const std::int64_t from : transpose.perm) {
      if (from < 0 || std::cmp_greater_equal(from, split.rank())) return false;
      const auto dim = static_cast<std::size_t>(from);
      for (std::size_t at = split.begins[dim]; at < split.begins[dim + 1]; ++at) {
        perm.push_back(static_cast<std::int64_t>(at));
        dims.push_back(shape(node.inputs[0]).dims[at]);
      }
      turned.begins.push_back(dims.size());
    }
    transpose.perm = std::move(perm);
    set_output(node.output, std::move(dims), std::move(turned));
    return true;
  }

  // Values that do not come from the image are repeated over it: they may have no dim of more than
  // 1 from the last split one on backwards. Weights are no such values.
  bool constants_fit(const Node& node, const Split& split) const {
    const OperatorRule* rule = find_rule(node.op);
    if (rule == nullptr || rule->shape != operators::pointwise_shape) return true;
    std::size_t unsplit = 0;  // dims after the last split one
    while (unsplit < split.rank() && split.count(split.rank() - 1 - unsplit) == 1) ++unsplit;
    return std::ranges::all_of(node.inputs, [&](ValueId id) {
      if (id == kNoValue || shape(id).spatial()) return true;
      const Dims& dims = shape(id).dims;
      const std::size_t before = dims.size() - std::min(dims.size(), unsplit);
      return std::all_of(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(before),
                         [](std::int64_t dim) { return dim == 1; });
    });
  }

  // As position tables and masks of the whole list are.
  bool is_refused_for_them(const Node& node) const {
    const auto out = shape_of(node);
    return !out && out.error().code == ErrorCode::not_exact;
  }

  // Numbers that name dims, or are one for each.
  bool rename_dims(Node& node, const Split& split) const {
    if (auto* slice = std::get_if<Slice>(&node.attributes)) return spread(slice->offsets, split);
    if (auto* pad = std::get_if<Pad>(&node.attributes)) {
      return pad->mode == PadMode::constant && spread(pad->before, split) &&
             spread(pad->after, split);
    }
    if (auto* concat = std::get_if<Concat>(&node.attributes)) return rename(concat->axis, split);
    const OperatorRule* rule = find_rule(node.op);
    auto* call = std::get_if<KernelCall>(&node.attributes);
    if (call == nullptr) return std::holds_alternative<std::monostate>(node.attributes);
    if (rule == nullptr || rule->kernel == nullptr) return false;
    if (rule->kernel->dims_argument == SIZE_MAX) return true;
    KernelCall::Argument& argument = call->arguments[rule->kernel->dims_argument];
    if (auto* dim = std::get_if<std::int64_t>(&argument)) return rename(*dim, split);
    auto* list = std::get_if<KernelCall::Integers>(&argument);
    return list != nullptr &&
           std::ranges::all_of(*list, [&](std::int64_t& dim) { return rename(dim, split); });
  }

  static bool rename(std::int64_t& dim, const Split& split) {
    if (dim < 0 || std::cmp_greater_equal(dim, split.rank())) return false;
    const auto old = static_cast<std::size_t>(dim);
    dim = static_cast<std::int64_t>(split.begins[old]);
    return split.count(old) == 1;
  }

  // Zeros for the dims that were split.
  static bool spread(Dims& numbers, const Split& split) {
    if (numbers.size() != split.rank()) return false;
    Dims spread(split.begins.back(), 0);
    for (std::size_t dim = 0; dim < split.rank(); ++dim) {
      if (split.count(dim) == 1) spread[split.begins[dim]] = numbers[dim];
      if (split.count(dim) != 1 && numbers[dim] != 0) return false;
    }
    numbers = std::move(spread);
    return true;
  }

  // The output's dims: those of the split ones as they are in the inputs.
  bool take_split(const Node& node, const Split& split) {
    const auto first = std::ranges::find_if(node.inputs, [&](ValueId id) { return is_split(id); });
    const Dims& in = shape(*first).dims;
    const Dims& out = program_dims(node.output);
    Dims dims;
    for (std::size_t dim = 0; dim < split.rank(); ++dim) {
      if (split.count(dim) == 1) {
        dims.push_back(out[dim]);
        continue;
      }
      if (out[dim] != program_dims(*first)[dim]) return false;
      dims.insert(dims.end(), in.begin() + static_cast<std::ptrdiff_t>(split.begins[dim]),
                  in.begin() + static_cast<std::ptrdiff_t>(split.begins[dim + 1]));
    }
    set_output(node.output, std::move(dims), split);
    return true;
  }

  const Graph& source_;
  Graph graph_;
  // Of the source's values: the node that makes it, and those that take it.
  std::vector<const Node*> makers_;
  std::vector<std::vector<const Node*>> takers_;
  // Of the graph's values; none where a node before them is refused.
  std::vector<std::optional<Shape>> shapes_;
  // None: the value has the dims that the program gave it.
  std::vector<std::optional<Split>> splits_;
};

}  // namespace

Graph split_tokens(const Graph& graph) { return TokenSplitter(graph).split(); }

}  // namespace sectile::internal
