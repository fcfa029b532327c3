#include "src/program/exported.h"

#include <fmt/format.h>

#include <utility>

#include "src/base/escaped.h"
#include "src/program/container.h"
#include "src/program/xnnpack/delegate.h"

namespace sectile::internal {

namespace {
namespace et = executorch_flatbuffer;

constexpr std::int64_t kMostPlannedBytes = std::int64_t{1} << 46;

const et::ExecutionPlan* find_plan(const Container& container, const std::string& name) {
  const auto* plans = container.program().execution_plan();
  if (plans == nullptr) return nullptr;
  for (const et::ExecutionPlan* plan : *plans) {
    if (plan->name() == nullptr) continue;
    const std::string own = plan->name()->str();
    if (own == name || escaped(own) == name) return plan;
  }
  return nullptr;
}

Result<std::int64_t> planned_bytes(const et::ExecutionPlan& plan) {
  std::int64_t sum = 0;
  if (plan.non_const_buffer_sizes() == nullptr) return sum;
  for (const std::int64_t size_bytes : *plan.non_const_buffer_sizes()) {
    if (size_bytes < 0 || size_bytes > kMostPlannedBytes - sum) {
      return fail(ErrorCode::corrupt, fmt::format("it plans a memory of {} bytes", size_bytes));
    }
    sum += size_bytes;
  }
  return sum;
}

Graph with_ends(DelegateGraph decoded) {
  Graph graph = std::move(decoded.graph);
  for (const auto& [value, argument] : decoded.inputs) {
    if (graph.input == kNoValue) {
      graph.input = value;
    } else {
      graph.extra_inputs.push_back(value);
    }
  }
  for (const auto& [value, argument] : decoded.outputs) {
    if (graph.output == kNoValue) {
      graph.output = value;
    } else {
      graph.extra_outputs.push_back(value);
    }
  }
  return graph;
}

Result<Graph> read_delegate(const Container& container, const et::BackendDelegate& delegate) {
  const std::string id = delegate.id() == nullptr ? "" : delegate.id()->str();
  if (id != kXnnpackBackend) {
    return fail(ErrorCode::unsupported, fmt::format("it calls the delegate '{}'", escaped(id)));
  }
  const auto bytes = container.delegate_bytes(delegate);
  if (!bytes) return fail(bytes.error());
  auto decoded = decode_delegate(container, *bytes);
  if (!decoded) return fail(decoded.error());
  return with_ends(std::move(*decoded));
}

}  // namespace

Result<ExportedMethod> read_exported(const ProgramBytes& file, const std::string& method) {
  const auto container = Container::parse(file.bytes());
  if (!container) return fail(container.error());
  const et::ExecutionPlan* plan = find_plan(*container, method);
  if (plan == nullptr) {
    return fail(ErrorCode::unsupported, "it is a part of a method with outputs of several sizes");
  }
  ExportedMethod exported;
  const auto planned = planned_bytes(*plan);
  if (!planned) return fail(planned.error());
  exported.planned_bytes = *planned;
  if (plan->delegates() == nullptr) return exported;
  for (const et::BackendDelegate* delegate : *plan->delegates()) {
    auto graph = read_delegate(*container, *delegate);
    if (!graph) return fail(graph.error());
    exported.delegates.push_back(std::move(*graph));
  }
  return exported;
}

}  // namespace sectile::internal
