#include "src/program/method_graph_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/half.h"
#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/passes/data_movement.h"
#include "src/program/errors.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

// That are known beforehand, of one kernel.
constexpr std::int64_t kMostNumbers = 1 << 20;

ValueIndex argument(const et::DelegateCall& call, std::uint32_t index) {
  return call.args() && index < call.args()->size() ? call.args()->Get(index) : -1;
}

// How dims in one order become dims in another; both list the logical dims.
std::vector<std::int64_t> permutation(const std::vector<std::uint8_t>& from,
                                      const std::vector<std::uint8_t>& to) {
  std::vector<std::int64_t> perm;
  for (const std::uint8_t dim : to) perm.push_back(std::ranges::find(from, dim) - from.begin());
  return perm;
}

// XNNPACK has no values without dims, so a number that it makes has one, and what kernels make of
// it. Reductions of all dims do without.
bool makes_dims_of_inputs(const Graph& graph, const Node& node) {
  const OperatorRule* rule = find_rule(node.op);
  const bool drops_dims =
      rule != nullptr && rule->kernel != nullptr && rule->kernel->dims_argument != SIZE_MAX;
  return !drops_dims && std::ranges::any_of(node.inputs, [&](ValueId id) {
    return id != kNoValue && !graph.shape(id).dims.empty();
  });
}

}  // namespace

std::optional<ValueId> MethodGraphBuilder::image(ValueIndex index) const {
  const auto found = images_.find(index);
  return found == images_.end() ? std::nullopt : std::optional(found->second);
}

ValueId MethodGraphBuilder::add_value(const ProgramTensor& tensor) {
  Value value;
  value.shape.dims = physical_dims(tensor);
  value.type = type_of(tensor);
  graph_.values.push_back(std::move(value));
  return static_cast<ValueId>(graph_.values.size() - 1);
}

void MethodGraphBuilder::set_inputs(const std::vector<ValueIndex>& indices,
                                    const std::vector<ProgramTensor>& tensors) {
  if (indices.size() == 1) {
    lone_input_ = indices[0];
    return;
  }
  const ProgramTensor all = joined(tensors);
  graph_.input = add_value(all);
  std::int64_t first_channel = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Size scale = scale_between(tensors[i], all);
    const std::int64_t channels = tensors[i].sizes[1] * scale.area();
    ValueId part = slice(graph_, graph_.input, channel_place(all), first_channel, channels);
    if (scale != Size{1, 1}) part = depth_to_space(graph_, part, all.planar(), scale);
    images_[indices[i]] = part;
    input_parts_.push_back(part);
    first_channel += channels;
  }
}

bool MethodGraphBuilder::is_constant(ValueIndex index) const {
  const et::Tensor* tensor = values_.tensor(index);
  const bool has_bytes =
      tensor != nullptr && tensor->data_buffer_idx() != 0 && tensor->allocation_info() == nullptr;
  return has_bytes || numbers_.contains(index);
}

bool MethodGraphBuilder::is_made(ValueIndex index) const {
  return is_image(index) || is_constant(index) || integers_.contains(index) ||
         sequences_.contains(index);
}

Result<ValueId> MethodGraphBuilder::constant(ValueIndex index) {
  const auto tensor = values_.described(index);
  if (!tensor || !is_value_type(*tensor)) {
    return fail(ErrorCode::unsupported, "it takes numbers that are no floats");
  }
  Value value;
  value.shape.dims = tensor->sizes;
  value.type = type_of(*tensor);
  if (auto status = make_constant(index, value); !status) return fail(status.error());
  graph_.values.push_back(std::move(value));
  return static_cast<ValueId>(graph_.values.size() - 1);
}

// ---- delegates

// KnownNumbers in the network ("x * 3") come as constant tensors of the program, passed to the
// delegate beside the image, or are converted to f32 by a kernel first.
Status MethodGraphBuilder::make_constant(ValueIndex index, Value& value) const {
  if (const auto known = numbers_.find(index); known != numbers_.end()) {
    if (known->second.type != value.type || std::ssize(known->second.bytes) != value.size_bytes()) {
      return corrupt("a number of the delegate has another size than its tensor");
    }
    value.constant = Constant{0, known->second.bytes.size(), "", known->second.bytes};
    return {};
  }
  if (integers_.contains(index)) {
    return fail(ErrorCode::unsupported, "the delegate computes with the positions of pixels");
  }
  const et::Tensor* tensor = values_.tensor(index);
  const auto described = values_.described(index);
  if (tensor == nullptr || !described || tensor->data_buffer_idx() == 0 ||
      tensor->allocation_info() != nullptr || described->dtype != to_string(value.type) ||
      value.constant) {
    return corrupt("it has an input that is neither the method's nor a constant");
  }
  if (Shape{described->sizes}.elements() != value.shape.elements()) {
    return corrupt("a constant of the delegate has another size than its tensor");
  }
  const auto size_bytes = static_cast<std::uint64_t>(value.size_bytes());
  const auto range = container_.constant_tensor(*tensor, size_bytes);
  if (!range) return fail(range.error());
  value.constant = Constant{range->offset_bytes, range->size_bytes, "", {}};
  return {};
}

// The delegate's external inputs are the call's arguments. `ids` receives those that the graph has.
Status MethodGraphBuilder::connect(const DelegateGraph& decoded, const et::DelegateCall& call,
                                   std::vector<ValueId>& ids, std::vector<Value>& values,
                                   Sequences& sequences) {
  for (const DelegateGraph::External& input : decoded.inputs) {
    const ValueIndex index = argument(call, input.argument);
    Value& value = values[input.value];
    if (const auto known = image(index)) {
      const Value& given = graph_.values[*known];
      if (given.shape.dims != value.shape.dims || value.constant) {
        return corrupt("the delegate's input has another shape than the value that it is given");
      }
      if (given.type != value.type || given.quantization != value.quantization) {
        return corrupt(
            "the delegate's input has another data type than the value that it is given");
      }
      ids[input.value] = *known;
    } else if (index == lone_input_) {
      continue;  // the value itself stands for it
    } else if (const Sequence* known_for_all = sequence(index);
               known_for_all != nullptr && known_for_all->is_float()) {
      sequences[input.value] = *known_for_all;
    } else if (auto status = make_constant(index, value); !status) {
      return status;
    }
  }
  return {};
}

Status MethodGraphBuilder::give_name(ValueIndex index, ValueId id) {
  const auto tensor = values_.described(index);
  // XNNPACK has no values without dims: single numbers have one there.
  const std::vector<std::int64_t>& dims = graph_.shape(id).dims;
  const bool is_number = tensor && tensor->sizes.empty() && dims == std::vector<std::int64_t>{1};
  if (!tensor || (physical_dims(*tensor) != dims && !is_number)) {
    return corrupt(fmt::format("value {} of the method is made with the shape {} and has another",
                               index, to_string(graph_.shape(id))));
  }
  if (tensor->dtype != to_string(graph_.values[id].type)) {
    return corrupt("a value has another data type than the tensor of the method it stands for");
  }
  if (images_.emplace(index, id).second) return {};
  return corrupt("a value of the method is made twice");
}

Status MethodGraphBuilder::take_outputs(const DelegateGraph& decoded, const et::DelegateCall& call,
                                        const std::vector<ValueId>& ids,
                                        const Sequences& sequences) {
  for (const DelegateGraph::External& output : decoded.outputs) {
    if (const auto known = sequences.find(output.value); known != sequences.end()) {
      define_sequence(argument(call, output.argument), known->second);
      continue;
    }
    if (graph_.values[ids[output.value]].constant) {
      return corrupt("the delegate gives back a constant");
    }
    const auto status = give_name(argument(call, output.argument), ids[output.value]);
    if (!status) return status;
  }
  return {};
}

Result<DelegateGraph> MethodGraphBuilder::decode(const et::BackendDelegate& delegate) const {
  const auto bytes = container_.delegate_bytes(delegate);
  if (!bytes) return fail(bytes.error());
  return decode_delegate(container_, *bytes);
}

Status MethodGraphBuilder::add_delegate(const et::DelegateCall& call, DelegateGraph decoded) {
  std::vector<ValueId> ids(decoded.graph.values.size(), kNoValue);
  auto& values = decoded.graph.values;
  Sequences sequences;
  if (auto status = connect(decoded, call, ids, values, sequences); !status) return status;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != kNoValue) continue;
    ids[i] = static_cast<ValueId>(graph_.values.size());
    graph_.values.push_back(std::move(values[i]));
  }
  for (const DelegateGraph::External& input : decoded.inputs) {
    if (argument(call, input.argument) != lone_input_ || image(lone_input_)) continue;
    graph_.input = ids[input.value];
    if (auto status = give_name(lone_input_, graph_.input); !status) return status;
  }
  for (Node& node : decoded.graph.nodes) {
    const auto by_position = [&](ValueId id) { return sequences.contains(id); };
    if (std::ranges::any_of(node.inputs, by_position)) {
      auto status = add_position_node(std::move(node), ids, sequences);
      if (!status) return status;
      continue;
    }
    for (ValueId& id : node.inputs) id = id == kNoValue ? kNoValue : ids[id];
    node.output = ids[node.output];
    graph_.nodes.push_back(std::move(node));
  }
  return take_outputs(decoded, call, ids, sequences);
}

// A node that takes numbers that come from positions: done now, or a multiplication of the image.
Status MethodGraphBuilder::add_position_node(Node node, const std::vector<ValueId>& ids,
                                             Sequences& sequences) {
  const auto refused =
      fail(ErrorCode::unsupported, "the delegate computes with the positions of pixels");
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoValue) return refused;
    const auto known = sequences.find(id);
    if (known != sequences.end()) {
      operands.emplace_back(&known->second);
    } else if (graph_.values[ids[id]].constant) {
      const auto number = number_of(graph_.values[ids[id]], container_.file());
      if (!number) return refused;
      operands.emplace_back(*number);
    } else if (node.op == "XNNMultiply") {
      const auto& factor = sequences.at(node.inputs[1 - i]);
      node.output = ids[node.output];
      return multiply_by(factor, std::move(node), ids[id]);
    } else {
      return refused;
    }
  }
  auto made = evaluate(node, operands, graph_.shape(ids[node.output]).dims);
  if (!made) return refused;
  sequences[node.output] = std::move(*made);
  return {};
}

Status MethodGraphBuilder::multiply_by(const Sequence& sequence, Node node, ValueId image) {
  auto numbers = repeated_numbers(sequence);
  const auto dim = long_dim(sequence);
  const std::size_t rank = graph_.shape(image).dims.size();
  if (!numbers || !dim || sequence.dims.size() > rank) {
    return fail(ErrorCode::not_exact, "it multiplies by numbers that differ from pixel to pixel");
  }
  const std::size_t place = rank - sequence.dims.size() + *dim;
  if (graph_.shape(image).dims[place] != sequence.dims[*dim]) {
    return corrupt("it multiplies by more or fewer numbers than there are rows or columns");
  }
  node.op = "PeriodicFactor";
  node.inputs = {image};
  node.attributes = PeriodicFactor{static_cast<std::int64_t>(place), std::move(*numbers), 0};
  graph_.nodes.push_back(std::move(node));
  return {};
}

// ---- kernels

Result<ValueId> MethodGraphBuilder::image_in_order(ValueIndex index,
                                                   const std::vector<std::uint8_t>& order) {
  const auto tensor = values_.described(index);
  if (!tensor || !is_value_type(*tensor)) {
    return fail(ErrorCode::unsupported, "its input is no image of floats");
  }
  if (index == lone_input_ && !image(index)) {
    graph_.input = add_value(*tensor);
    images_[index] = graph_.input;
  }
  const auto known = image(index);
  if (!known && is_constant(index) && tensor->dim_order == plain_order(tensor->sizes.size()) &&
      order == tensor->dim_order) {
    return constant(index);
  }
  if (!known) return fail(ErrorCode::unsupported, "its input does not come from the image");
  if (tensor->dim_order == order) return *known;
  if (order.size() != tensor->dim_order.size()) {
    return fail(ErrorCode::unsupported, "its input and its output have different dims");
  }
  Node node;
  node.op = "XNNStaticTranspose";
  node.inputs = {*known};
  node.attributes = Transpose{permutation(tensor->dim_order, order)};
  const ProgramTensor turned{tensor->dtype, tensor->sizes, order};
  node.output = add_value(turned);
  graph_.nodes.push_back(node);
  return node.output;
}

Status MethodGraphBuilder::define(ValueIndex out, Node node) {
  const auto tensor = values_.described(out);
  if (!tensor || !is_value_type(*tensor)) {
    return fail(ErrorCode::unsupported, "its output is no image of floats");
  }
  node.output = add_value(*tensor);
  std::vector<std::int64_t>& dims = graph_.values[node.output].shape.dims;
  if (dims.empty() && makes_dims_of_inputs(graph_, node)) dims = {1};
  graph_.nodes.push_back(std::move(node));
  return give_name(out, graph_.nodes.back().output);
}

Status MethodGraphBuilder::define_as(ValueIndex out, ValueId same) { return give_name(out, same); }

// Constants of the program lie in its file, little-endian.
template <typename Number>
Result<std::vector<Number>> MethodGraphBuilder::constants(ValueIndex index,
                                                          std::string_view dtype) const {
  const et::Tensor* tensor = values_.tensor(index);
  const auto described = values_.described(index);
  if (tensor == nullptr || !described || described->dtype != dtype ||
      tensor->data_buffer_idx() == 0 || tensor->allocation_info() != nullptr ||
      !product_within(described->sizes, kMostNumbers)) {
    return fail(ErrorCode::unsupported, "it works on numbers that are not known beforehand");
  }
  std::vector<Number> numbers(static_cast<std::size_t>(Shape{described->sizes}.elements()));
  const auto range = container_.constant_tensor(*tensor, numbers.size() * sizeof(Number));
  if (!range) return fail(range.error());
  std::memcpy(numbers.data(), container_.file().data() + range->offset_bytes, range->size_bytes);
  return numbers;
}

Result<std::vector<std::int64_t>> MethodGraphBuilder::integers(ValueIndex index) const {
  if (const auto known = integers_.find(index); known != integers_.end()) return known->second;
  const auto described = values_.described(index);
  if (described && is_image_type(*described)) {
    return fail(ErrorCode::unsupported, "it runs outside XNNPACK, and does not only move values");
  }
  return constants<std::int64_t>(index, "i64");
}

Result<std::vector<float>> MethodGraphBuilder::numbers(ValueIndex index) const {
  return constants<float>(index, "f32");
}

const Sequence* MethodGraphBuilder::sequence(ValueIndex index) const {
  const auto known = sequences_.find(index);
  return known == sequences_.end() ? nullptr : &known->second;
}

void MethodGraphBuilder::define_sequence(ValueIndex out, Sequence sequence) {
  sequences_[out] = std::move(sequence);
}

void MethodGraphBuilder::define_integers(ValueIndex out, std::vector<std::int64_t> numbers) {
  integers_[out] = std::move(numbers);
}

bool MethodGraphBuilder::define_same_numbers(ValueIndex out, ValueIndex in) {
  if (const auto known = integers_.find(in); known != integers_.end()) {
    integers_[out] = known->second;
  } else if (const auto numbers = numbers_.find(in); numbers != numbers_.end()) {
    numbers_[out] = numbers->second;
  } else {
    return false;
  }
  return true;
}

void MethodGraphBuilder::define_numbers(ValueIndex out, DataType type,
                                        const std::vector<float>& numbers) {
  KnownNumbers& known = numbers_[out];
  known.type = type;
  known.bytes.resize(numbers.size() * static_cast<std::size_t>(size_bytes(type)));
  if (type == DataType::f16) {
    to_halves(numbers, known.bytes.data());
  } else if (type == DataType::boolean) {
    std::ranges::transform(numbers, known.bytes.begin(),
                           [](float number) { return std::byte{number != 0}; });
  } else {
    std::memcpy(known.bytes.data(), numbers.data(), known.bytes.size());
  }
}

}  // namespace sectile::internal
