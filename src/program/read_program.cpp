#include "src/program/read_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/escaped.h"
#include "src/graph/infer.h"
#include "src/graph/operator.h"
#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/prune.h"
#include "src/graph/passes/row_major.h"
#include "src/graph/passes/split_tokens.h"
#include "src/graph/passes/spread_statistics.h"
#include "src/graph/passes/whole_image_pools.h"
#include "src/program/container.h"
#include "src/program/elided_views.h"
#include "src/program/errors.h"
#include "src/program/foreign_kernels.h"
#include "src/program/kernels.h"
#include "src/program/method_calls.h"
#include "src/program/method_graph_builder.h"
#include "src/program/program.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;
using Plan = et::ExecutionPlan;

// Other arguments than tensors (numbers, strings) leave an entry without sizes.
Result<std::vector<ProgramTensor>> read_tensors(const MethodValues& values,
                                                const ValueIndices* indices) {
  std::vector<ProgramTensor> tensors;
  if (indices == nullptr) return tensors;
  for (const ValueIndex index : *indices) {
    const et::EValue* value = values.at(index);
    if (value == nullptr) return corrupt("an argument of a method does not exist");
    auto tensor = values.described(index);
    if (!tensor) tensor = ProgramTensor{et::EnumNameKernelTypes(value->val_type()), {}, {}};
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

// ---- what runs in a method

void block(ProgramMethod& method, BlockerReason reason, std::string node, std::string op,
           std::string why) {
  method.blockers.push_back({std::move(node), std::move(op), std::move(why), reason});
}

const ValueIndices* arguments_of(const Call& call) {
  return call.kernel != nullptr ? call.kernel->args() : nullptr;
}

// Whether the call can go into a graph, where its rule may still refuse it.
bool is_known(const MethodValues& values, const Call& call) {
  return call.kernel != nullptr && is_known_kernel(call.name) &&
         !pools_whole_image(values, call.name, arguments_of(call));
}

void block_kernel(ProgramMethod& method, const std::string& kernel, bool mixing) {
  if (mixing) method.verdict = Verdict::not_exact;
  block(method, reason_for_kernel(kernel, mixing), "program", kernel,
        mixing ? "it computes each value from the whole image"
               : "it runs outside XNNPACK, and does not only move values");
}

// Everything that keeps the calls from being one XNNPACK builder.
Status find_foreign_calls(const Plan& plan, const std::vector<Call>& calls, ProgramMethod& method) {
  const MethodValues values(plan);
  for (const Call& call : calls) {
    if (call.delegate != nullptr || is_known(values, call)) continue;
    block_kernel(method, call.name, mixes_whole_image(values, call.name, arguments_of(call)));
  }
  for (const Call& call : calls) {
    if (call.delegate == nullptr) continue;
    const auto delegate = delegate_of(plan, *call.delegate);
    if (!delegate) return fail(delegate.error());
    const std::string id = escaped((*delegate)->id()->string_view());
    if (id != kXnnpackBackend) {
      block(method, BlockerReason::other_backend, "program", id,
            fmt::format("it is another delegate; Sectile runs XNNPACK's ({})", kXnnpackBackend));
    }
  }
  constexpr auto kInterface = BlockerReason::interface;
  if (calls.empty()) block(method, kInterface, "program", "none", "the method computes nothing");
  if (method.outputs.empty()) {
    block(method, kInterface, "program", "arguments", "it has no outputs");
  }
  return {};
}

void block_mixing_node(const Node& node, ProgramMethod& method) {
  const OperatorRule* rule = find_rule(node.op);
  const bool is_product = node.op == kMatrixProduct;
  if (rule == nullptr || (rule->verdict != Verdict::not_exact && !is_product)) return;
  if (!is_product) method.verdict = Verdict::not_exact;
  block(method, rule->refusals.not_exact, "program", node.op, std::string(rule->limits));
}

// What mixes the whole image inside the delegates of a method that has no graph for other reasons:
// the reason that no other export removes. A damaged delegate is found when there is a graph.
void find_mixing_nodes(const Container& container, const Plan& plan, const std::vector<Call>& calls,
                       ProgramMethod& method) {
  for (const Call& call : calls) {
    if (call.delegate == nullptr) continue;
    const auto delegate = delegate_of(plan, *call.delegate);
    const auto bytes = delegate ? container.delegate_bytes(**delegate) : fail(delegate.error());
    if (!bytes || (*delegate)->id()->string_view() != kXnnpackBackend) continue;
    const auto decoded = decode_delegate(container, *bytes);
    if (!decoded) continue;
    for (const Node& node : decoded->graph.nodes) block_mixing_node(node, method);
  }
}

void find_foreign_tensors(ProgramMethod& method) {
  const auto check = [&](const ProgramTensor& tensor, const char* name) {
    if (!is_image_type(tensor)) {
      block(method, BlockerReason::data_type, name, tensor.dtype,
            "its data type is neither f32 nor f16");
    } else if (tensor.sizes.size() != 4 || tensor.sizes[0] != 1) {
      block(method, BlockerReason::interface, name, "tensor",
            "its shape is not 1 x channels x rows x columns");
    } else if (!tensor.planar() && !tensor.channels_last()) {
      block(method, BlockerReason::interface, name, "tensor",
            "its layout is neither planar nor channels-last");
    }
  };
  for (const ProgramTensor& tensor : method.inputs) check(tensor, "input");
  for (const ProgramTensor& tensor : method.outputs) check(tensor, "output");
}

bool lie_alike(const ProgramTensor& a, const ProgramTensor& b) {
  return a.dtype == b.dtype && a.dim_order == b.dim_order && a.sizes[2] == b.sizes[2] &&
         a.sizes[3] == b.sizes[3];
}

// Why the input cannot be a part of an image of the smallest's size; empty when it can. One row or
// column beside many is no small image: it stands for all of them, at any size.
std::string why_unfit(const ProgramTensor& tensor, const ProgramTensor& smallest) {
  if (tensor.dim_order != smallest.dim_order) return "the layouts of its inputs differ";
  for (const std::size_t dim : {2, 3}) {
    const std::int64_t length = smallest.sizes[dim];
    if (tensor.sizes[dim] == length || (length > 1 && tensor.sizes[dim] % length == 0)) continue;
    return fmt::format("an input of {}x{} pixels beside one of {} {}: {}", tensor.sizes[3],
                       tensor.sizes[2], length, dim == 2 ? "rows" : "columns",
                       length == 1 ? "how that grows with the other is not known"
                                   : "Sectile takes whole multiples of the smallest");
  }
  return "";
}

// Inputs that are a multiple of the smallest can be taken as one image (see joined()).
void find_unfit_inputs(ProgramMethod& method) {
  const ProgramTensor all = joined(method.inputs);
  for (const ProgramTensor& tensor : method.inputs) {
    std::string why = why_unfit(tensor, all);
    if (!why.empty())
      return block(method, BlockerReason::interface, "input", "tensor", std::move(why));
  }
}

// ---- the graph

Shape external_shape(const ProgramTensor& tensor) {
  Shape shape{physical_dims(tensor), 1, 2};
  if (tensor.planar()) shape.y = 2;
  if (tensor.planar()) shape.x = 3;
  return shape;
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
  const bool is_image = output && output->spatial();
  if (is_image && inference.problems.empty() && *output != external_shape(method.outputs[0])) {
    return corrupt("the rows and columns of its output are not those of its input");
  }
  if (!output && inference.problems.empty()) return corrupt("no node makes the output");
  return {};
}

// Of a call that does not go into the graph. Errors: corrupt.
Status block_call(ProgramMethod& method, BlockerReason reason, std::string op, const Error& error) {
  if (error.code == ErrorCode::corrupt) return fail(error);
  const bool not_exact = error.code == ErrorCode::not_exact;
  method.verdict = not_exact ? Verdict::not_exact : Verdict::unsupported;
  block(method, reason, "program", std::move(op), error.message);
  return {};
}

// The values that a call makes; the others among its arguments are there before it.
using Outputs = std::vector<ValueIndex>;

Outputs outputs_of(const MethodGraphBuilder& builder, const ValueIndices& arguments) {
  if (arguments.size() == 0) return {};
  const ValueIndex returned = arguments.Get(arguments.size() - 1);
  return builder.values().tensors(returned).value_or(Outputs{returned});
}

Status resolve_arguments(ElidedViews& views, const ValueIndices* arguments,
                         const Outputs& outputs) {
  if (arguments == nullptr) return {};
  for (const ValueIndex index : *arguments) {
    if (std::ranges::find(outputs, index) != outputs.end()) continue;
    if (auto status = views.resolve(index); !status) return status;
  }
  return {};
}

Status add_delegate(const Plan& plan, const et::DelegateCall& call, MethodGraphBuilder& builder,
                    ElidedViews& views, ProgramMethod& method) {
  const auto delegate = delegate_of(plan, call);
  if (!delegate) return fail(delegate.error());
  auto decoded = builder.decode(**delegate);
  if (!decoded) return block_call(method, BlockerReason::newer, kXnnpackBackend, decoded.error());
  Outputs outputs;
  for (const DelegateGraph::External& output : decoded->outputs) {
    const bool exists = call.args() != nullptr && output.argument < call.args()->size();
    if (exists) outputs.push_back(call.args()->Get(output.argument));
  }
  auto status = resolve_arguments(views, call.args(), outputs);
  if (status) status = builder.add_delegate(call, std::move(*decoded));
  for (const ValueIndex output : outputs) views.wrote(output);
  if (status) return {};
  return block_call(method, BlockerReason::position_dependent, kXnnpackBackend, status.error());
}

Status add_kernel(const Call& call, MethodGraphBuilder& builder, ElidedViews& views,
                  ProgramMethod& method) {
  const ValueIndices* arguments = call.kernel->args();
  const Outputs outputs = arguments == nullptr ? Outputs{} : outputs_of(builder, *arguments);
  const auto is_empty = [&](ValueIndex out) { return builder.values().is_empty(out); };
  if (!outputs.empty() && std::ranges::all_of(outputs, is_empty)) return {};  // it makes nothing
  auto status = resolve_arguments(views, arguments, outputs);
  if (status) status = read_kernel(builder, call.name, arguments);
  for (const ValueIndex output : outputs) views.wrote(output);
  if (status) return {};
  return block_call(method, reason_for_kernel(call.name, false), call.name, status.error());
}

// Stops at the first call that does not go into the graph.
Status add_calls(const Plan& plan, const std::vector<Call>& calls, MethodGraphBuilder& builder,
                 ProgramMethod& method) {
  ElidedViews views(builder);
  for (const ValueIndex input : *plan.inputs()) views.wrote(input);
  for (const Call& call : calls) {
    auto status = call.delegate != nullptr
                      ? add_delegate(plan, *call.delegate, builder, views, method)
                      : add_kernel(call, builder, views, method);
    if (!status || !method.blockers.empty()) return status;
  }
  for (const ValueIndex output : *plan.outputs()) {
    if (auto status = views.resolve(output); !status) return status;
  }
  return {};
}

// The outputs among those of the method that `wanted` names, as one image.
Status set_outputs(const ValueIndices& indices, const std::vector<std::size_t>& wanted,
                   Graph& graph, const MethodGraphBuilder& builder, ProgramMethod& method) {
  std::vector<ValueId> images;
  for (const std::size_t i : wanted) {
    const auto image = builder.image(indices.Get(static_cast<std::uint32_t>(i)));
    if (!image) return corrupt("an output of the method is not made by it");
    images.push_back(*image);
  }
  const auto repeated = [&](ValueId id) { return std::ranges::count(images, id) > 1; };
  if (std::ranges::any_of(images, repeated) || std::ranges::count(images, graph.input) > 0) {
    block(method, BlockerReason::interface, "output", "tensor",
          "the network gives back its input, or one output twice");
    return {};
  }
  if (images.size() > 1) method.output_parts = images;
  graph.output = join(graph, std::move(images), channel_place(method.outputs[0]));
  return {};
}

// Delegates and kernels that follow each other turn images there and back.
Graph simplified(Graph graph, ProgramMethod& method) {
  const bool one_of_each = method.input_parts.empty() && method.output_parts.empty();
  if (one_of_each) graph = row_major_inside(graph);
  Pruned pruned = prune(graph, method.input_parts);
  for (ValueId& id : method.input_parts) id = pruned.moved[id];
  for (ValueId& id : method.output_parts) id = pruned.moved[id];
  return std::move(pruned.graph);
}

// `method` has the outputs that `wanted` names of the method's own.
Status take_graph(const Plan& plan, const MethodGraphBuilder& builder,
                  const std::vector<std::size_t>& wanted, bool is_one_delegate, bool fixed_sizes,
                  ProgramMethod& method) {
  Graph graph = builder.graph();
  if (graph.input == kNoValue) return corrupt("no delegate takes the method's input");
  method.input_parts = builder.input_parts();
  auto status = set_outputs(*plan.outputs(), wanted, graph, builder, method);
  if (!status || !method.blockers.empty()) return status;
  method.inputs = {joined(method.inputs)};
  method.outputs = {joined(method.outputs)};
  graph.values[graph.input].shape = external_shape(method.inputs[0]);
  if (!fixed_sizes) graph = whole_image_pools(std::move(graph));
  graph = spread_statistics(split_tokens(graph));
  if (auto annotated = annotate(graph, method); !annotated) return annotated;
  method.graph = is_one_delegate ? std::move(graph) : simplified(std::move(graph), method);
  return {};
}

// Outputs of one size each: they can be written side by side.
std::vector<std::vector<std::size_t>> groups_of(const std::vector<ProgramTensor>& outputs) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto group = std::ranges::find_if(groups, [&](const std::vector<std::size_t>& others) {
      return lie_alike(outputs[others[0]], outputs[i]);
    });
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  return groups;
}

Result<std::vector<ProgramMethod>> read_graphs(const Container& container, const Plan& plan,
                                               const std::vector<Call>& calls, bool fixed_sizes,
                                               ProgramMethod& method) {
  MethodGraphBuilder builder(container, plan);
  builder.set_inputs({plan.inputs()->begin(), plan.inputs()->end()}, method.inputs);
  if (auto status = add_calls(plan, calls, builder, method); !status) return fail(status.error());
  if (!method.blockers.empty()) {
    find_mixing_nodes(container, plan, calls, method);
    method.blockers = merged(std::move(method.blockers));
    return std::vector{method};
  }
  const auto groups = groups_of(method.outputs);
  const bool is_one_delegate = calls.size() == 1 && groups.size() == 1;
  std::vector<ProgramMethod> methods;
  for (const auto& group : groups) {
    ProgramMethod part = method;
    if (groups.size() > 1) part.name += fmt::format(".{}", methods.size());
    part.outputs.clear();
    for (const std::size_t i : group) part.outputs.push_back(method.outputs[i]);
    auto status = take_graph(plan, builder, group, is_one_delegate, fixed_sizes, part);
    if (!status) return fail(status.error());
    methods.push_back(std::move(part));
  }
  return methods;
}

// What a constant method returns, where that is one text.
std::optional<std::string> constant_text(const Plan& plan) {
  const bool is_constant = plan.inputs() == nullptr || plan.inputs()->size() == 0;
  if (!is_constant || plan.outputs() == nullptr || plan.outputs()->size() != 1) return std::nullopt;
  return MethodValues(plan).text(plan.outputs()->Get(0));
}

std::string text(const flatbuffers::String* string) { return string ? string->str() : ""; }

// One method, or for a method whose outputs have several sizes one for each size.
Result<std::vector<ProgramMethod>> read_method(const Container& container, const Plan& plan,
                                               bool fixed_sizes) {
  ProgramMethod method;
  method.name = text(plan.name());
  if (const auto* trees = plan.container_meta_type()) {
    method.input_tree = text(trees->encoded_inp_str());
    method.output_tree = text(trees->encoded_out_str());
  }
  const MethodValues values(plan);
  auto inputs = read_tensors(values, plan.inputs());
  auto outputs = read_tensors(values, plan.outputs());
  if (!inputs || !outputs) return fail(inputs ? outputs.error() : inputs.error());
  method.inputs = std::move(*inputs);
  method.outputs = std::move(*outputs);
  if (method.inputs.empty()) return std::vector<ProgramMethod>{};  // a constant
  const auto calls = read_calls(plan);
  if (!calls) return fail(calls.error());
  if (auto status = find_foreign_calls(plan, *calls, method); !status) return fail(status.error());
  if (!method.blockers.empty()) find_mixing_nodes(container, plan, *calls, method);
  method.blockers = merged(std::move(method.blockers));
  find_foreign_tensors(method);
  if (method.blockers.empty()) find_unfit_inputs(method);
  if (!method.blockers.empty()) return std::vector{method};
  return read_graphs(container, plan, *calls, fixed_sizes, method);
}

}  // namespace

Result<Program> read_program(std::shared_ptr<const ProgramBytes> file, bool fixed_sizes) {
  const auto named = [&](const Error& error, const std::string& where) {
    return fail(error.code, fmt::format("[open] {}: {}{}", file->name(), where, error.message));
  };
  const auto container = Container::parse(file->bytes());
  if (!container) return named(container.error(), "");
  Program program;
  program.file = file;
  const auto* plans = container->program().execution_plan();
  if (plans == nullptr) return named({ErrorCode::corrupt, "it has no methods"}, "");
  for (const Plan* plan : *plans) {
    auto methods = read_method(*container, *plan, fixed_sizes);
    if (!methods) {
      return named(methods.error(), fmt::format("method '{}': ", escaped(text(plan->name()))));
    }
    std::ranges::move(*methods, std::back_inserter(program.methods));
    if (text(plan->name()) == "sectile") program.facts = constant_text(*plan).value_or("");
  }
  return program;
}

}  // namespace sectile::internal
