#include "src/program/write_plan.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/passes/parts.h"
#include "src/program/method_values.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;
using Order = std::vector<std::uint8_t>;
using Index = std::int32_t;  // of a value of the plan

constexpr std::uint64_t kPlannedAlignmentBytes = 64;

et::ScalarType scalar_type(DataType type) {
  switch (type) {
    case DataType::f16:
      return et::ScalarType::HALF;
    case DataType::i8:
      return et::ScalarType::CHAR;
    case DataType::boolean:
      return et::ScalarType::BOOL;
    default:
      return et::ScalarType::FLOAT;
  }
}

// `order`: of the tensor's dims; `shape` has them as they lie in memory.
std::unique_ptr<et::TensorT> make_tensor(const Shape& shape, DataType type, const Order& order) {
  auto tensor = std::make_unique<et::TensorT>();
  tensor->scalar_type = scalar_type(type);
  tensor->dim_order = order;
  tensor->sizes.resize(shape.dims.size());
  for (std::size_t i = 0; i < shape.dims.size(); ++i) {
    tensor->sizes[order[i]] = static_cast<std::int32_t>(shape.dims[i]);
  }
  return tensor;
}

std::unique_ptr<et::AllocationDetailsT> place_at(std::int64_t offset_bytes) {
  auto place = std::make_unique<et::AllocationDetailsT>();
  place->memory_id = 1;
  place->memory_offset_low = static_cast<std::uint32_t>(offset_bytes);
  place->memory_offset_high = static_cast<std::uint32_t>(offset_bytes >> 32);
  return place;
}

class PlanWriter {
 public:
  PlanWriter(const MethodToWrite& method, const Graph& graph, IoMemory memory,
             const ProgramParts& program)
      : method_(method),
        graph_(graph),
        memory_(memory),
        program_(program),
        parts_(parts_of(graph)),
        arena_(arena_of(graph, parts_)),
        index_of_(graph.values.size(), -1) {}

  Result<std::unique_ptr<et::ExecutionPlanT>> write() {
    plan_->name = method_.name;
    plan_->container_meta_type = std::make_unique<et::ContainerMetadataT>();
    plan_->container_meta_type->encoded_inp_str = method_.method->input_tree;
    plan_->container_meta_type->encoded_out_str = method_.method->output_tree;
    plan_->chains.push_back(std::make_unique<et::ChainT>());
    add_ends();
    add_arena();
    if (auto status = add_parts(); !status) return fail(status.error());
    plan_->non_const_buffer_sizes = {0};
    const std::int64_t bytes = planned_bytes_ + arena_.size_bytes;
    if (memory_ == IoMemory::planned || bytes > 0) plan_->non_const_buffer_sizes.push_back(bytes);
    return std::move(plan_);
  }

 private:
  template <typename Table>
  Index add_value(et::KernelTypes type, std::unique_ptr<Table> table) {
    auto value = std::make_unique<et::EValueT>();
    value->val.type = type;
    value->val.value = table.release();
    plan_->values.push_back(std::move(value));
    return static_cast<Index>(plan_->values.size() - 1);
  }

  Index add_tensor(std::unique_ptr<et::TensorT> tensor) {
    return add_value(et::KernelTypes::Tensor, std::move(tensor));
  }

  // ---- the method's inputs and outputs

  Index add_end(ValueId id, const Order& order) {
    const Value& value = graph_.values[id];
    auto tensor = make_tensor(value.shape, value.type, order);
    if (memory_ == IoMemory::planned) {
      tensor->allocation_info = place_at(planned_bytes_);
      planned_bytes_ = static_cast<std::int64_t>(align_up(
          static_cast<std::uint64_t>(planned_bytes_ + value.size_bytes()), kPlannedAlignmentBytes));
    }
    index_of_[id] = add_tensor(std::move(tensor));
    return index_of_[id];
  }

  bool is_kernels(ValueId id) const {
    return std::ranges::any_of(parts_, [&](const Part& part) {
      return part.is_kernel &&
             (std::ranges::count(part.inputs, id) > 0 || std::ranges::count(part.outputs, id) > 0);
    });
  }

  // Kernels take values whose dims stand as they lie; with memory of its own a method has the
  // tensors that its caller knows.
  Order order_of(ValueId id, ValueId own, const std::vector<ProgramTensor>& tensors) const {
    if (memory_ == IoMemory::planned) return tensors[0].dim_order;
    if (is_kernels(id)) return plain_order(graph_.shape(id).dims.size());
    return id == own ? tensors[0].dim_order : Order{0, 2, 3, 1};
  }

  void add_ends() {
    for (const ValueId id : graph_.all_inputs()) {
      plan_->inputs.push_back(add_end(id, order_of(id, graph_.input, method_.method->inputs)));
    }
    for (const ValueId id : graph_.all_outputs()) {
      plan_->outputs.push_back(add_end(id, order_of(id, graph_.output, method_.method->outputs)));
    }
  }

  // ---- values between parts

  void add_arena() {
    for (std::size_t i = 0; i < arena_.values.size(); ++i) {
      const ValueId id = arena_.values[i];
      if (id == kNoValue) continue;
      const Value& value = graph_.values[id];
      auto tensor = make_tensor(value.shape, value.type, plain_order(value.shape.dims.size()));
      tensor->allocation_info = place_of(arena_.blocks[i]);
      index_of_[id] = add_tensor(std::move(tensor));
    }
  }

  std::unique_ptr<et::AllocationDetailsT> place_of(const PlacedBlock& block) const {
    return place_at(planned_bytes_ + block.offset_bytes);
  }

  // ---- calls

  Status add_parts() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].is_kernel) {
        add_kernel(i);
      } else if (auto status = add_delegate(parts_[i]); !status) {
        return status;
      }
    }
    return {};
  }

  void add_instruction(et::InstructionArguments type, void* call) {
    auto instruction = std::make_unique<et::InstructionT>();
    instruction->instr_args.type = type;
    instruction->instr_args.value = call;
    plan_->chains[0]->instructions.push_back(std::move(instruction));
  }

  Status add_delegate(const Part& part) {
    // The whole method has all its inputs, those too that nothing takes.
    const bool alone = parts_.size() == 1;
    const auto segment = program_.add_delegate(alone ? graph_ : delegate_graph(graph_, part));
    if (!segment) return fail(segment.error());
    auto delegate = std::make_unique<et::BackendDelegateT>();
    delegate->id = kXnnpackBackend;
    delegate->processed = std::make_unique<et::BackendDelegateDataReferenceT>();
    delegate->processed->location = et::DataLocation::SEGMENT;
    delegate->processed->index = *segment;
    auto call = std::make_unique<et::DelegateCallT>();
    call->delegate_index = static_cast<std::int32_t>(plan_->delegates.size());
    for (const ValueId id : alone ? graph_.all_inputs() : part.inputs) {
      call->args.push_back(index_of_[id]);
    }
    for (const ValueId id : alone ? graph_.all_outputs() : part.outputs) {
      call->args.push_back(index_of_[id]);
    }
    plan_->delegates.push_back(std::move(delegate));
    add_instruction(et::InstructionArguments::DelegateCall, call.release());
    return {};
  }

  std::int32_t operator_index(std::string_view op) {
    const std::size_t dot = op.find('.');
    const std::string name(op.substr(0, dot));
    const std::string overload(op.substr(dot + 1));
    auto& operators = plan_->operators;
    const auto found = std::ranges::find_if(operators, [&](const auto& each) {
      return each->name == name && each->overload == overload;
    });
    if (found != operators.end()) return static_cast<std::int32_t>(found - operators.begin());
    auto added = std::make_unique<et::OperatorT>();
    added->name = name;
    added->overload = overload;
    operators.push_back(std::move(added));
    return static_cast<std::int32_t>(operators.size() - 1);
  }

  // What a call returns stands after its arguments: the output, or all outputs as a list.
  void add_kernel(std::size_t part) {
    const Node& node = graph_.nodes[parts_[part].first_node];
    auto call = std::make_unique<et::KernelCallT>();
    call->op_index = operator_index(node.op);
    std::vector<Index> outputs;
    for (const auto& argument : std::get<KernelCall>(node.attributes).arguments) {
      call->args.push_back(add_argument(node, part, argument));
      const bool is_output = std::holds_alternative<KernelCall::Output>(argument) ||
                             std::holds_alternative<KernelCall::Unread>(argument);
      if (is_output) outputs.push_back(call->args.back());
    }
    Index returned = outputs.front();
    if (outputs.size() > 1) {
      auto list = std::make_unique<et::TensorListT>();
      list->items = std::move(outputs);
      returned = add_value(et::KernelTypes::TensorList, std::move(list));
    }
    call->args.push_back(returned);
    add_instruction(et::InstructionArguments::KernelCall, call.release());
  }

  Index add_argument(const Node& node, std::size_t part, const KernelCall::Argument& argument) {
    const auto add = [&](const auto& value) { return add_argument_of(node, part, value); };
    return std::visit(add, argument);
  }

  Index add_argument_of(const Node&, std::size_t, KernelCall::None) {
    return add_value(et::KernelTypes::Null, std::make_unique<et::NullT>());
  }
  Index add_argument_of(const Node& node, std::size_t, KernelCall::Input input) {
    const ValueId id = node.inputs[input.index];
    if (index_of_[id] >= 0) return index_of_[id];
    const Value& value = graph_.values[id];
    auto tensor = make_tensor(value.shape, value.type, plain_order(value.shape.dims.size()));
    tensor->data_buffer_idx = program_.add_constant(*value.constant);
    index_of_[id] = add_tensor(std::move(tensor));
    return index_of_[id];
  }
  Index add_argument_of(const Node& node, std::size_t, KernelCall::Output) {
    return index_of_[node.output];
  }
  Index add_argument_of(const Node& node, std::size_t part, KernelCall::Unread unread) {
    std::vector<PlacedBlock> blocks;
    for (std::size_t i = 0; i < arena_.values.size(); ++i) {
      const PlacedBlock& block = arena_.blocks[i];
      if (arena_.values[i] == kNoValue && block.first_step == part) blocks.push_back(block);
    }
    const Shape shape = unread_outputs({graph_, node})[unread.index];
    auto tensor = make_tensor(shape, DataType::f32, plain_order(shape.dims.size()));
    tensor->allocation_info = place_of(blocks[unread.index]);
    return add_tensor(std::move(tensor));
  }
  Index add_argument_of(const Node&, std::size_t, bool flag) {
    auto value = std::make_unique<et::BoolT>();
    value->bool_val = flag;
    return add_value(et::KernelTypes::Bool, std::move(value));
  }
  Index add_argument_of(const Node&, std::size_t, std::int64_t number) {
    auto value = std::make_unique<et::IntT>();
    value->int_val = number;
    return add_value(et::KernelTypes::Int, std::move(value));
  }
  Index add_argument_of(const Node&, std::size_t, double number) {
    auto value = std::make_unique<et::DoubleT>();
    value->double_val = number;
    return add_value(et::KernelTypes::Double, std::move(value));
  }
  // A list of integers names values that hold them.
  Index add_argument_of(const Node& node, std::size_t part, const KernelCall::Integers& numbers) {
    auto list = std::make_unique<et::IntListT>();
    for (const std::int64_t number : numbers) {
      list->items.push_back(add_argument_of(node, part, number));
    }
    return add_value(et::KernelTypes::IntList, std::move(list));
  }

  const MethodToWrite& method_;
  const Graph& graph_;
  IoMemory memory_;
  const ProgramParts& program_;
  const std::vector<Part> parts_;
  const Arena arena_;
  std::vector<Index> index_of_;  // of the graph's values; -1: not in the plan, or not yet
  std::int64_t planned_bytes_ = 0;
  std::unique_ptr<et::ExecutionPlanT> plan_ = std::make_unique<et::ExecutionPlanT>();
};

}  // namespace

Result<std::unique_ptr<et::ExecutionPlanT>> write_plan(const MethodToWrite& method,
                                                       const Graph& graph, IoMemory memory,
                                                       const ProgramParts& parts) {
  return PlanWriter(method, graph, memory, parts).write();
}

}  // namespace sectile::internal
