// Writes one method of a program: the calls that run a network, and their values.
//
// Thread safety: for one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "program_generated.h"
#include "sectile/result.h"
#include "src/graph/graph.h"
#include "src/program/write_program.h"

namespace sectile::internal {

// What a method needs of the file that it is written to.
struct ProgramParts {
  // A delegate that runs this graph: the index of its segment. Errors: internal.
  std::function<Result<std::uint32_t>(const Graph& graph)> add_delegate;
  // A constant of a kernel: its index among the program's constant tensors.
  std::function<std::uint32_t(const Constant& constant)> add_constant;
};

// `graph`: the method's, lowered. Errors: those of `parts`.
Result<std::unique_ptr<executorch_flatbuffer::ExecutionPlanT>> write_plan(
    const MethodToWrite& method, const Graph& graph, IoMemory memory, const ProgramParts& parts);

}  // namespace sectile::internal
