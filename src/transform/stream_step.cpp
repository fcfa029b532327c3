#include "src/transform/stream_step.h"

#include <algorithm>
#include <utility>

#include "src/transform/stream_schedule.h"

namespace sectile::internal {

StepBuilder::StepBuilder(const StepRanges& ranges)
    : ranges_(ranges),
      fresh_(ranges.whole.values.size(), kNoValue),
      constants_(ranges.whole.values.size(), kNoValue) {}

StepGraph StepBuilder::build() {
  for (const Node& node : ranges_.whole.nodes) {
    if (!ranges_.rows[node.output].empty()) add_node(node);
  }
  return std::move(step_);
}

ValueId StepBuilder::add_part(ValueId whole_id, Rect part) {
  const Value& whole = ranges_.whole.values[whole_id];
  step_.graph.values.push_back(whole.like(shape_of(whole_id, part)));
  return static_cast<ValueId>(step_.graph.values.size() - 1);
}

ValueId StepBuilder::add_copy(ValueId whole_id) {
  step_.graph.values.push_back(ranges_.whole.values[whole_id]);
  return static_cast<ValueId>(step_.graph.values.size() - 1);
}

Shape StepBuilder::shape_of(ValueId whole_id, Rect part) const {
  Shape shape = ranges_.whole.shape(whole_id);
  if (shape.y >= 0) shape.dims[static_cast<std::size_t>(shape.y)] = part.y.size();
  if (shape.x >= 0) shape.dims[static_cast<std::size_t>(shape.x)] = part.x.size();
  return shape;
}

Crop StepBuilder::crop_of(const Node& node, Axis axis, Node& changed) const {
  const CropRule& rule = find_rule(node.op)->crop;
  const NodeView view{ranges_.whole, node};
  const Rect wanted = fresh_part(node.output);
  Crop crop = rule.ranges(view, axis, axis == Axis::y ? wanted.y : wanted.x);
  if (rule.crop_node != nullptr) rule.crop_node(view, axis, crop, changed);
  crop.output = crop.output.intersect({0, ranges_.whole.shape(node.output).length(axis)});
  return crop;
}

void StepBuilder::add_node(const Node& node) {
  Node changed = node;
  const Rect made{crop_of(node, Axis::y, changed).output, crop_of(node, Axis::x, changed).output};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue) changed.inputs[i] = source_of(node, node.inputs[i]);
  }
  changed.output = add_part(node.output, made);
  place(node, made, changed);
  step_.graph.nodes.push_back(changed);
  finish(node, changed.output, made);
}

// Where the part would lie in the first step, when the program stands at the image's first row.
void StepBuilder::place(const Node& node, Rect made, Node& changed) const {
  const OperatorRule* rule = find_rule(node.op);
  if (rule->place == nullptr) return;
  const Graph& whole = ranges_.whole;
  const ValueId input = node.inputs[0];
  const Rect taken = taken_by(node);
  const std::int64_t input_step = ranges_.step_rows[input];
  const std::int64_t output_step = ranges_.step_rows[node.output];
  const PartPlace rows{taken.y.begin - ranges_.step * input_step,
                       made.y.begin - ranges_.step * output_step,
                       {input_step, ranges_.step_rows[whole.input]}};
  rule->place({whole, node}, rows, {taken.x.begin, made.x.begin, {}}, changed);
}

// The rows and columns that the node takes of its inputs.
Rect StepBuilder::taken_by(const Node& node) const {
  return {taken_range(ranges_.whole, node, Axis::y, ranges_.rows[node.output]),
          taken_range(ranges_.whole, node, Axis::x, ranges_.columns[node.output])};
}

void StepBuilder::finish(const Node& node, ValueId made, Rect part) {
  const Rect wanted = fresh_part(node.output);
  ValueId result = made;
  if (part != wanted) {
    result = add_part(node.output, wanted);
    cut(made, part, result, wanted);
  }
  fresh_[node.output] = result;
  const std::size_t buffer = ranges_.buffer_of[node.output];
  if (buffer == kNoBuffer) return;
  step_.graph.extra_outputs.push_back(result);
  step_.outputs.push_back({buffer, wanted.y});
}

void StepBuilder::cut(ValueId from, Rect there, ValueId to, Rect wanted) {
  const Shape& shape = step_.graph.shape(from);
  Slice slice{std::vector<std::int64_t>(shape.dims.size(), 0)};
  if (shape.y >= 0)
    slice.offsets[static_cast<std::size_t>(shape.y)] = wanted.y.begin - there.y.begin;
  if (shape.x >= 0)
    slice.offsets[static_cast<std::size_t>(shape.x)] = wanted.x.begin - there.x.begin;
  Node node;
  node.op = "XNNStaticSlice";
  node.inputs = {from};
  node.output = to;
  node.attributes = std::move(slice);
  step_.graph.nodes.push_back(std::move(node));
}

// The value with the rows and columns that the node takes of it.
ValueId StepBuilder::source_of(const Node& node, ValueId id) {
  const Graph& whole = ranges_.whole;
  if (!whole.shape(id).spatial()) return constant_of(id);
  const Rect taken = taken_by(node);
  const bool is_fresh = fresh_[id] != kNoValue && taken.y == ranges_.rows[id];
  const ValueId rows = is_fresh ? fresh_[id] : window_of(id, taken.y);
  if (taken.x == ranges_.columns[id]) return rows;
  const auto [entry, added] = cuts_.try_emplace({rows, taken.x.begin, taken.x.end});
  if (added) {
    entry->second = add_part(id, taken);
    cut(rows, {taken.y, ranges_.columns[id]}, entry->second, taken);
  }
  return entry->second;
}

ValueId StepBuilder::window_of(ValueId id, Range rows) {
  const auto [entry, added] = windows_.try_emplace({id, rows.begin, rows.end});
  if (added) {
    entry->second = add_part(id, {rows, ranges_.columns[id]});
    step_.graph.extra_inputs.push_back(entry->second);
    step_.inputs.push_back({ranges_.buffer_of[id], rows});
  }
  return entry->second;
}

// A constant, or what nodes make of constants alone.
ValueId StepBuilder::constant_of(ValueId id) {
  if (constants_[id] != kNoValue) return constants_[id];
  const auto& nodes = ranges_.whole.nodes;
  const auto maker = std::ranges::find(nodes, id, &Node::output);
  if (maker != nodes.end()) {
    Node copy = *maker;
    for (ValueId& input : copy.inputs) input = input == kNoValue ? kNoValue : constant_of(input);
    copy.output = add_copy(id);
    constants_[id] = copy.output;
    step_.graph.nodes.push_back(std::move(copy));
  } else {
    constants_[id] = add_copy(id);
  }
  return constants_[id];
}

}  // namespace sectile::internal
