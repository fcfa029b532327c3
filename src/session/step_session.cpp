#include "src/session/step_session.h"

#include <array>
#include <utility>
#include <vector>

#include "src/program/program.h"
#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/session/prepare_kernels.h"

namespace sectile::internal {

namespace {

constexpr const char* kMethodName = "step";

std::vector<TensorSpec> specs_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<TensorSpec> specs;
  for (const ValueId id : ids) {
    const Shape& shape = graph.shape(id);
    specs.push_back({shape.dims[3], shape.size(), Layout::interleaved, graph.values[id].type});
  }
  return specs;
}

}  // namespace

Result<std::unique_ptr<MultiIoSession>> load_step_session(
    const StepGraph& step, std::shared_ptr<const ProgramBytes> weights, Threading threading) {
  if (auto status = prepare_kernels(step.graph); !status) return fail(status.error());
  const ProgramMethod no_ends;
  const std::array methods{MethodToWrite{kMethodName, &no_ends, &step.graph}};
  auto file = write_program(methods, std::move(weights), IoMemory::caller);
  if (!file) return fail(file.error());
  auto program = load_program(std::move(*file));
  if (!program) return fail(program.error());
  return (*program)->load_multi_io(kMethodName, specs_of(step.graph, step.graph.extra_inputs),
                                   specs_of(step.graph, step.graph.extra_outputs), threading);
}

}  // namespace sectile::internal
