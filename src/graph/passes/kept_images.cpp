#include "src/graph/passes/kept_images.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/graph/operator.h"
#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/prune.h"

namespace sectile::internal {

namespace {

bool contains(std::span<const ValueId> ids, ValueId id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool takes(const Node& node, ValueId id) { return contains(node.inputs, id); }

// Empty where they do not fit.
std::vector<StageInput> inputs_of(const Graph& graph, std::span<const ValueId> images) {
  Size smallest = graph.shape(images[0]).size();
  for (const ValueId id : images) {
    const Size size = graph.shape(id).size();
    smallest = {std::min(smallest.height, size.height), std::min(smallest.width, size.width)};
  }
  std::vector<StageInput> inputs;
  for (const ValueId id : images) {
    const Shape& shape = graph.shape(id);
    const auto [rows, columns] = shape.size();
    if (rows % smallest.height != 0 || columns % smallest.width != 0) return {};
    inputs.push_back({id, shape.channels(), {rows / smallest.height, columns / smallest.width}});
  }
  return inputs;
}

// Puts nodes into the graph that take the image out of its input, channels from `first` on.
void take_out(const StageInput& input, std::int64_t first, Graph& graph) {
  ValueId part =
      slice(graph, graph.input, kRowMajorChannels, first, input.channels * input.scale.area());
  if (input.scale != Size{1, 1}) part = depth_to_space(graph, part, false, input.scale);
  if (is_planar_image(graph.shape(input.image))) transpose(graph, part, {0, 3, 1, 2});
  graph.nodes.back().output = input.image;
}

}  // namespace

std::optional<std::vector<StageInput>> read_images(std::span<const ValueId> images, Graph& graph) {
  std::vector<StageInput> inputs = inputs_of(graph, images);
  if (inputs.empty()) return {};
  std::vector<Node> nodes = std::move(graph.nodes);
  graph.nodes.clear();
  std::erase_if(nodes, [&](const Node& node) { return contains(images, node.output); });
  if (images.size() == 1 && is_row_major_image(graph.shape(images[0]))) {
    graph.input = images[0];
  } else {
    const Size size = graph.shape(images[0]).size();
    std::int64_t channels = 0;
    for (const StageInput& input : inputs) channels += input.channels * input.scale.area();
    Value joined;
    joined.shape = {
        {1, size.height / inputs[0].scale.height, size.width / inputs[0].scale.width, channels},
        1,
        2};
    graph.values.push_back(std::move(joined));
    graph.input = static_cast<ValueId>(graph.values.size() - 1);
    std::int64_t first = 0;
    for (const StageInput& input : inputs) {
      take_out(input, first, graph);
      first += input.channels * input.scale.area();
    }
  }
  std::ranges::move(nodes, std::back_inserter(graph.nodes));
  return inputs;
}

std::vector<ValueId> images_read(const Graph& graph, std::span<const ValueId> candidates) {
  Graph without = graph;
  std::erase_if(without.nodes, [&](const Node& node) { return contains(candidates, node.output); });
  const Pruned pruned = prune(without);
  std::vector<ValueId> images;
  for (const ValueId id : candidates) {
    const ValueId moved = pruned.moved[id];
    const bool is_read = std::ranges::any_of(pruned.graph.nodes,
                                             [&](const Node& node) { return takes(node, moved); });
    if (moved != kNoValue && is_read) images.push_back(id);
  }
  return images;
}

KeptImages::KeptImages(const Graph& whole, std::vector<int> depths, std::vector<bool> needed,
                       double work_per_byte)
    : whole_(whole),
      depths_(std::move(depths)),
      needed_(std::move(needed)),
      work_per_byte_(work_per_byte),
      makers_(whole.values.size(), nullptr),
      deepest_reader_(whole.values.size(), -1),
      deepest_after_(whole.values.size(), -1) {
  for (auto node = whole.nodes.rbegin(); node != whole.nodes.rend(); ++node) {
    const ValueId output = node->output;
    makers_[output] = &*node;
    if (!needed_[output] || !whole.shape(output).spatial()) continue;
    const int after = std::max(depths_[output], deepest_after_[output]);
    for (const ValueId id : node->inputs) {
      if (id == kNoValue) continue;
      deepest_reader_[id] = std::max(deepest_reader_[id], depths_[output]);
      deepest_after_[id] = std::max(deepest_after_[id], after);
    }
  }
}

std::vector<ValueId> KeptImages::choose(int depth, std::span<const ValueId> summed) {
  const std::size_t before = kept_.size();
  const Size size = whole_.shape(summed[0]).size();
  for (const ValueId id : summed) {
    if (can_be_kept(id, size) && deepest_after_[id] >= depth && is_worth_keeping(id)) {
      kept_.push_back(id);
    }
  }
  for (const Node& node : whole_.nodes) {
    const ValueId id = node.output;
    if (depths_[id] < depth && can_be_kept(id, size) && deepest_reader_[id] >= depth &&
        is_worth_keeping(id)) {
      kept_.push_back(id);
    }
  }
  return {kept_.begin() + static_cast<std::ptrdiff_t>(before), kept_.end()};
}

bool KeptImages::can_be_kept(ValueId id, Size size) const {
  const Value& value = whole_.values[id];
  const bool is_image = is_row_major_image(value.shape) || is_planar_image(value.shape);
  return needed_[id] && is_image && makers_[id] != nullptr && value.type == DataType::f32 &&
         value.shape.size() == size && !contains(kept_, id);
}

// Once written and once read, against the work of making it again of what is there already.
bool KeptImages::is_worth_keeping(ValueId id) const {
  std::vector<bool> seen(whole_.values.size(), false);
  std::vector<ValueId> left{id};
  double work = 0;
  const auto bytes = [&](ValueId image) {
    return static_cast<double>(whole_.values[image].size_bytes());
  };
  while (!left.empty()) {
    const ValueId value = left.back();
    left.pop_back();
    if (seen[value] || !whole_.shape(value).spatial()) continue;
    seen[value] = true;
    const Node* maker = makers_[value];
    if (maker == nullptr || contains(kept_, value)) {
      work += work_per_byte_ * bytes(value);
      continue;
    }
    if (const OperatorRule* rule = find_rule(maker->op)) work += rule->cost({whole_, *maker});
    std::ranges::copy_if(maker->inputs, std::back_inserter(left),
                         [](ValueId input) { return input != kNoValue; });
  }
  return work > 2 * work_per_byte_ * bytes(id);
}

}  // namespace sectile::internal
