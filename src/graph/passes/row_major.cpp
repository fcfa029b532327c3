#include "src/graph/passes/row_major.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

using Dims = std::vector<std::int64_t>;

Dims to_row_major() { return {0, 2, 3, 1}; }
Dims to_planar() { return {0, 3, 1, 2}; }

Dims turned(const Dims& planar) { return {planar[0], planar[2], planar[3], planar[1]}; }

Status check_end(const char* name, const Shape& shape) {
  if (is_row_major_image(shape) || is_planar_image(shape)) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("the network's {} of shape {} is not one image", name, to_string(shape)));
}

class RowMajorForm {
 public:
  explicit RowMajorForm(const Graph& graph) : source_(graph), graph_(graph) {
    graph_.nodes.clear();
    row_major_.assign(graph.values.size(), kNoValue);
  }

  Graph make() {
    if (is_planar_image(source_.input_shape())) graph_.input = twin_of(source_.input);
    for (const Node& node : source_.nodes) add(node);
    graph_.output = row_major_of(source_.output);
    return std::move(graph_);
  }

  Graph make_inside() {
    for (const Node& node : source_.nodes) add(node);
    const ValueId twin = row_major_[source_.output];
    const bool planar = is_planar_image(source_.output_shape());
    if (twin != kNoValue && planar) add_transpose(twin, source_.output, to_planar());
    if (twin != kNoValue && !planar) graph_.output = twin;
    return std::move(graph_);
  }

 private:
  void add(const Node& node) {
    const ValueId in = node.inputs[0];
    const Shape& shape = source_.shape(in);
    if ((transposes(node, to_row_major()) && is_planar_image(shape)) ||
        (transposes(node, to_planar()) && is_row_major_image(shape))) {
      row_major_[node.output] = row_major_of(in);
    } else if (can_turn(node)) {
      add_turned(node);
    } else {
      add_unchanged(node);
    }
  }

  static bool transposes(const Node& node, const Dims& perm) {
    const auto* transpose = std::get_if<Transpose>(&node.attributes);
    return transpose != nullptr && transpose->perm == perm;
  }

  // One for all values of an image, whichever way it lies.
  bool is_number(ValueId id) const {
    return id != kNoValue && !source_.shape(id).spatial() && source_.shape(id).elements() == 1;
  }

  bool can_turn(const Node& node) const {
    const auto planar = [&](ValueId id) {
      return id != kNoValue && is_planar_image(source_.shape(id));
    };
    const OperatorRule* rule = find_rule(node.op);
    const bool fixed = rule != nullptr && rule->order_matters;
    const auto fits = [&](ValueId id) { return planar(id) || is_number(id); };
    return !fixed && planar(node.output) && std::ranges::all_of(node.inputs, fits);
  }

  void add_turned(const Node& node) {
    Node copy = node;
    for (ValueId& id : copy.inputs) id = row_major_of(id);
    copy.output = twin_of(node.output);
    const OperatorRule* rule = find_rule(node.op);
    if (rule != nullptr && rule->reorder != nullptr) rule->reorder(copy, to_row_major());
    graph_.nodes.push_back(std::move(copy));
  }

  void add_unchanged(const Node& node) {
    Node copy = node;
    for (ValueId& id : copy.inputs) {
      if (id == kNoValue || row_major_[id] == kNoValue) continue;
      id = is_planar_image(source_.shape(id)) ? planar_copy_of(id) : row_major_[id];
    }
    graph_.nodes.push_back(std::move(copy));
  }

  // The row-major image of the same values. Made by a transpose when there is none yet.
  ValueId row_major_of(ValueId id) {
    if (row_major_[id] != kNoValue) return row_major_[id];
    if (!is_planar_image(source_.shape(id))) return id;
    const ValueId twin = twin_of(id);
    add_transpose(id, twin, to_row_major());
    return twin;
  }

  ValueId twin_of(ValueId planar) {
    row_major_[planar] = add_value(planar, {turned(source_.shape(planar).dims), 1, 2});
    return row_major_[planar];
  }

  ValueId planar_copy_of(ValueId id) {
    const ValueId copy = add_value(id, source_.shape(id));
    add_transpose(row_major_[id], copy, to_planar());
    return copy;
  }

  ValueId add_value(ValueId like, Shape shape) {
    graph_.values.push_back(source_.values[like].like(std::move(shape)));
    return static_cast<ValueId>(graph_.values.size() - 1);
  }

  void add_transpose(ValueId from, ValueId to, Dims perm) {
    Node node;
    node.op = "XNNStaticTranspose";
    node.inputs = {from};
    node.output = to;
    node.attributes = Transpose{std::move(perm)};
    graph_.nodes.push_back(std::move(node));
  }

  const Graph& source_;
  Graph graph_;
  // Of the source's values: the row-major image of the same values; kNoValue when there is none.
  std::vector<ValueId> row_major_;
};

}  // namespace

Result<Graph> row_major_form(const Graph& graph) {
  if (auto status = check_end("input", graph.input_shape()); !status) return fail(status.error());
  if (auto status = check_end("output", graph.output_shape()); !status) return fail(status.error());
  Graph turned = RowMajorForm(graph).make();
  if (turned.output != turned.input) return turned;
  return fail(ErrorCode::unsupported, "the network gives back its input unchanged");
}

Graph row_major_inside(const Graph& graph) { return RowMajorForm(graph).make_inside(); }

}  // namespace sectile::internal
