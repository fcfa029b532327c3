#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "src/base/integers.h"
#include "src/graph/infer.h"
#include "src/program/container.h"
#include "src/program/program.h"
#include "src/program/xnnpack.h"

namespace sectile {

namespace {
namespace et = executorch_flatbuffer;
using Plan = et::ExecutionPlan;

std::unexpected<Error> corrupt(std::string reason) {
  return fail(ErrorCode::corrupt, std::move(reason));
}

const et::EValue* value_at(const Plan& plan, std::int32_t index) {
  if (index < 0 || plan.values() == nullptr ||
      static_cast<std::uint32_t>(index) >= plan.values()->size()) {
    return nullptr;
  }
  return plan.values()->Get(static_cast<std::uint32_t>(index));
}

std::string dtype_name(et::ScalarType type) {
  switch (type) {
    case et::ScalarType::FLOAT:
      return "f32";
    case et::ScalarType::HALF:
      return "f16";
    case et::ScalarType::BFLOAT16:
      return "bf16";
    case et::ScalarType::DOUBLE:
      return "f64";
    case et::ScalarType::BYTE:
      return "u8";
    case et::ScalarType::CHAR:
      return "i8";
    case et::ScalarType::INT:
      return "i32";
    case et::ScalarType::LONG:
      return "i64";
    default:
      return et::EnumNameScalarType(type);
  }
}

// Tensors among the arguments; other arguments (numbers, strings) leave an entry without sizes.
Result<std::vector<ProgramTensor>> read_tensors(const Plan& plan,
                                                const flatbuffers::Vector<std::int32_t>* indices) {
  std::vector<ProgramTensor> tensors;
  if (indices == nullptr) return tensors;
  for (const std::int32_t index : *indices) {
    const et::EValue* value = value_at(plan, index);
    if (value == nullptr) return corrupt("an argument of a method does not exist");
    ProgramTensor tensor;
    tensor.dtype = et::EnumNameKernelTypes(value->val_type());
    if (const et::Tensor* source = value->val_as_Tensor()) {
      tensor.dtype = dtype_name(source->scalar_type());
      if (source->sizes()) tensor.sizes.assign(source->sizes()->begin(), source->sizes()->end());
      if (source->dim_order()) {
        tensor.dim_order.assign(source->dim_order()->begin(), source->dim_order()->end());
      }
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// ---- what runs in a method

struct Calls {
  std::vector<const et::DelegateCall*> delegates;
  std::vector<std::string> kernels;  // operators outside any delegate
};

Result<std::string> kernel_name(const Plan& plan, const et::KernelCall& call) {
  const auto* operators = plan.operators();
  if (operators == nullptr || call.op_index() < 0 ||
      static_cast<std::uint32_t>(call.op_index()) >= operators->size()) {
    return corrupt("a kernel call names no operator");
  }
  const et::Operator* op = operators->Get(static_cast<std::uint32_t>(call.op_index()));
  std::string name = op->name() ? op->name()->str() : "?";
  if (op->overload() && op->overload()->size() > 0) name += "." + op->overload()->str();
  return name;
}

Status add_instruction(const Plan& plan, const et::Instruction& instruction, Calls& calls) {
  if (const auto* delegate = instruction.instr_args_as_DelegateCall()) {
    calls.delegates.push_back(delegate);
  } else if (const auto* kernel = instruction.instr_args_as_KernelCall()) {
    auto name = kernel_name(plan, *kernel);
    if (!name) return fail(name.error());
    calls.kernels.push_back(std::move(*name));
  } else {
    calls.kernels.emplace_back(et::EnumNameInstructionArguments(instruction.instr_args_type()));
  }
  return {};
}

Result<Calls> read_calls(const Plan& plan) {
  Calls calls;
  if (plan.chains() == nullptr) return calls;
  for (const et::Chain* chain : *plan.chains()) {
    if (chain->instructions() == nullptr) continue;
    for (const et::Instruction* instruction : *chain->instructions()) {
      if (auto status = add_instruction(plan, *instruction, calls); !status) {
        return fail(status.error());
      }
    }
  }
  return calls;
}

Result<const et::BackendDelegate*> delegate_of(const Plan& plan, const et::DelegateCall& call) {
  const auto* delegates = plan.delegates();
  if (delegates == nullptr || call.delegate_index() < 0 ||
      static_cast<std::uint32_t>(call.delegate_index()) >= delegates->size()) {
    return corrupt("a delegate call names no delegate");
  }
  const auto* delegate = delegates->Get(static_cast<std::uint32_t>(call.delegate_index()));
  if (delegate->id() == nullptr) return corrupt("a delegate has no name");
  return delegate;
}

void block(ProgramMethod& method, std::string node, std::string op, std::string why) {
  method.blockers.push_back({std::move(node), std::move(op), std::move(why)});
}

// Kernels of PyTorch that mix the whole image, whatever their arguments are.
bool mixes_whole_image(const std::string& kernel) {
  constexpr std::array kNames = {"aten::native_group_norm",
                                 "aten::_native_batch_norm_legit",
                                 "aten::mean",
                                 "aten::sum",
                                 "aten::amax",
                                 "aten::amin",
                                 "aten::var",
                                 "aten::_adaptive_avg_pool2d",
                                 "aten::adaptive_max_pool2d"};
  return std::ranges::any_of(kNames, [&](const char* name) { return kernel.starts_with(name); });
}

void block_kernel(ProgramMethod& method, const std::string& kernel) {
  if (mixes_whole_image(kernel)) {
    method.verdict = Verdict::not_exact;
    return block(method, "program", kernel, "it computes each value from the whole image");
  }
  block(method, "program", kernel,
        "it runs outside XNNPACK; Sectile runs wholly delegated programs");
}

// Everything that keeps the method from being one XNNPACK network from one f32 image to one f32
// image.
Status find_foreign_parts(const Plan& plan, Calls& calls, ProgramMethod& method) {
  // What mixes the whole image comes first: it is the reason that no rewriting can remove.
  std::ranges::stable_partition(calls.kernels, mixes_whole_image);
  for (const std::string& kernel : calls.kernels) block_kernel(method, kernel);
  for (const et::DelegateCall* call : calls.delegates) {
    const auto delegate = delegate_of(plan, *call);
    if (!delegate) return fail(delegate.error());
    const std::string id = (*delegate)->id()->str();
    if (id != "XnnpackBackend") {
      block(method, "program", id,
            "it is another delegate; Sectile runs XNNPACK's (XnnpackBackend)");
    }
  }
  if (calls.delegates.empty() && calls.kernels.empty()) {
    block(method, "program", "none", "the method computes nothing");
  }
  if (calls.delegates.size() > 1 && method.blockers.empty()) {
    block(method, "program", "XnnpackBackend", "the network is cut into several delegates");
  }
  if (method.inputs.size() != 1 || method.outputs.size() != 1) {
    block(method, "program", "arguments",
          fmt::format("it has {} inputs and {} outputs; Sectile runs networks with one of each",
                      method.inputs.size(), method.outputs.size()));
  }
  return {};
}

void find_foreign_tensors(ProgramMethod& method) {
  const auto check = [&](const ProgramTensor& tensor, const char* name) {
    if (tensor.dtype != "f32") {
      block(method, name, tensor.dtype, "its data type is not f32");
    } else if (tensor.sizes.size() != 4 || tensor.sizes[0] != 1) {
      block(method, name, "tensor", "its shape is not 1 x channels x rows x columns");
    } else if (!tensor.planar() && !tensor.channels_last()) {
      block(method, name, "tensor", "its layout is neither planar nor channels-last");
    }
  };
  for (const ProgramTensor& tensor : method.inputs) check(tensor, "input");
  for (const ProgramTensor& tensor : method.outputs) check(tensor, "output");
}

// ---- the graph

Shape external_shape(const ProgramTensor& tensor) {
  Shape shape;
  for (const std::uint8_t dim : tensor.dim_order) shape.dims.push_back(tensor.sizes[dim]);
  shape.y = tensor.planar() ? 2 : 1;
  shape.x = tensor.planar() ? 3 : 2;
  return shape;
}

// The tensor behind one argument of the delegate call; null when there is none.
const et::Tensor* argument_tensor(const Plan& plan, std::int32_t index) {
  const et::EValue* value = value_at(plan, index);
  return value == nullptr ? nullptr : value->val_as_Tensor();
}

// Nothing when there are more than any file holds.
std::optional<std::int64_t> element_count(const et::Tensor& tensor) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  std::vector<std::int64_t> dims;
  if (tensor.sizes()) dims.assign(tensor.sizes()->begin(), tensor.sizes()->end());
  return product_within(dims, kMost);
}

// Numbers in the network ("x * 3") come as constant tensors of the program, passed to the delegate
// beside the image.
Status make_constant(const Container& container, const Plan& plan, std::int32_t argument,
                     Value& value) {
  const et::Tensor* tensor = argument_tensor(plan, argument);
  if (tensor == nullptr || tensor->data_buffer_idx() == 0 || tensor->allocation_info() != nullptr ||
      tensor->scalar_type() != et::ScalarType::FLOAT || value.constant) {
    return corrupt("the delegate has an input that is neither the method's nor a constant");
  }
  if (element_count(*tensor) != value.shape.elements()) {
    return corrupt("a constant of the delegate has another size than its tensor");
  }
  const auto size_bytes = static_cast<std::uint64_t>(value.shape.elements()) * sizeof(float);
  const auto range = container.constant_tensor(*tensor, size_bytes);
  if (!range) return fail(range.error());
  value.constant = Constant{range->offset_bytes, range->size_bytes, ""};
  return {};
}

// The delegate's external values refer to the call's arguments, those to the method's tensors.
Status connect_ends(const Container& container, const Plan& plan, const et::DelegateCall& call,
                    DelegateGraph& decoded) {
  const auto argument = [&](std::uint32_t index) {
    return call.args() && index < call.args()->size() ? call.args()->Get(index) : -1;
  };
  Graph& graph = decoded.graph;
  for (const DelegateGraph::External& input : decoded.inputs) {
    const std::int32_t index = argument(input.argument);
    if (index == plan.inputs()->Get(0) && graph.input == kNoValue) {
      graph.input = input.value;
    } else if (auto status = make_constant(container, plan, index, graph.values[input.value]);
               !status) {
      return status;
    }
  }
  if (decoded.outputs.size() == 1 &&
      argument(decoded.outputs[0].argument) == plan.outputs()->Get(0)) {
    graph.output = decoded.outputs[0].value;
  }
  if (graph.input != kNoValue && graph.output != kNoValue && graph.input != graph.output) return {};
  return corrupt("the delegate's inputs and outputs are not the method's");
}

Status check_ends(const ProgramMethod& method, Graph& graph) {
  const Shape input = external_shape(method.inputs[0]);
  const Shape output = external_shape(method.outputs[0]);
  if (graph.shape(graph.input).dims != input.dims ||
      graph.shape(graph.output).dims != output.dims || graph.values[graph.input].constant ||
      graph.values[graph.output].constant) {
    return corrupt("the delegate's input and output have other shapes than the method's");
  }
  graph.values[graph.input].shape = input;
  return {};
}

// Gives every value its axes, and checks that the file's dims are those the rules derive.
Status annotate(Graph& graph, const ProgramMethod& method) {
  const Inference inference = infer_all(graph, graph.image_size());
  for (const NodeProblem& problem : inference.problems) {
    const bool contradiction = problem.error.code == ErrorCode::corrupt ||
                               problem.error.code == ErrorCode::invalid_argument;
    if (contradiction) {
      return corrupt(fmt::format("{}: {}", node_name(graph, problem.node), problem.error.message));
    }
  }
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    if (!inference.shapes[id] || graph.values[id].constant) continue;
    Value& value = graph.values[id];
    if (value.shape.dims != inference.shapes[id]->dims) {
      return corrupt(fmt::format("a value has the shape {} where its operator makes {}",
                                 to_string(value.shape), to_string(*inference.shapes[id])));
    }
    value.shape = *inference.shapes[id];
  }
  const auto& output = inference.shapes[graph.output];
  if (output && inference.problems.empty() && *output != external_shape(method.outputs[0])) {
    return corrupt("the rows and columns of its output are not those of its input");
  }
  if (!output && inference.problems.empty()) return corrupt("no node makes the output");
  return {};
}

Status read_graph(const Container& container, const Plan& plan, const et::DelegateCall& call,
                  ProgramMethod& method) {
  const auto delegate = delegate_of(plan, call);
  if (!delegate) return fail(delegate.error());
  const auto bytes = container.delegate_bytes(**delegate);
  if (!bytes) return fail(bytes.error());
  auto decoded = decode_delegate(container, *bytes);
  if (!decoded && decoded.error().code == ErrorCode::unsupported) {
    block(method, "program", "XnnpackBackend", decoded.error().message);
    return {};
  }
  if (!decoded) return fail(decoded.error());
  if (auto status = connect_ends(container, plan, call, *decoded); !status) return status;
  if (auto status = check_ends(method, decoded->graph); !status) return status;
  if (auto status = annotate(decoded->graph, method); !status) return status;
  method.graph = std::move(decoded->graph);
  return {};
}

std::string text(const flatbuffers::String* string) { return string ? string->str() : ""; }

Result<ProgramMethod> read_method(const Container& container, const Plan& plan) {
  ProgramMethod method;
  method.name = text(plan.name());
  if (const auto* trees = plan.container_meta_type()) {
    method.input_tree = text(trees->encoded_inp_str());
    method.output_tree = text(trees->encoded_out_str());
  }
  auto inputs = read_tensors(plan, plan.inputs());
  auto outputs = read_tensors(plan, plan.outputs());
  if (!inputs || !outputs) return fail(inputs ? outputs.error() : inputs.error());
  method.inputs = std::move(*inputs);
  method.outputs = std::move(*outputs);
  auto calls = read_calls(plan);
  if (!calls) return fail(calls.error());
  if (auto status = find_foreign_parts(plan, *calls, method); !status) return fail(status.error());
  find_foreign_tensors(method);
  if (method.blockers.empty()) {
    auto status = read_graph(container, plan, *calls->delegates[0], method);
    if (!status) return fail(status.error());
  }
  return method;
}

}  // namespace

Result<Program> read_program(std::shared_ptr<const MappedFile> file) {
  const auto named = [&](const Error& error, const std::string& where) {
    return fail(error.code, fmt::format("[open] {}: {}{}", file->path(), where, error.message));
  };
  const auto container = Container::parse(file->bytes());
  if (!container) return named(container.error(), "");
  Program program;
  program.file = file;
  const auto* plans = container->program().execution_plan();
  if (plans == nullptr) return named({ErrorCode::corrupt, "it has no methods"}, "");
  for (const Plan* plan : *plans) {
    auto method = read_method(*container, *plan);
    if (!method) return named(method.error(), fmt::format("method '{}': ", text(plan->name())));
    const bool constant = method->inputs.empty();
    if (!constant) program.methods.push_back(std::move(*method));
  }
  return program;
}

}  // namespace sectile
