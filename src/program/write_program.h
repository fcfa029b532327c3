// Writes an ExecuTorch program.
//
// Thread safety: pure functions.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/base/virtual_file.h"
#include "src/graph/graph.h"
#include "src/program/program.h"

namespace sectile::internal {

// Who provides the memory of a method's input and output.
enum class IoMemory {
  caller,   // the runtime is pointed at the caller's buffers
  planned,  // the program's own plan, as a default export has it
};

struct MethodToWrite {
  std::string name;
  const ProgramMethod* method = nullptr;  // tensors' layout and trees; sizes are taken from `graph`
  // The method's graph, at any size, or a part of it; its constants lie in `weights`. The written
  // method takes all its inputs and gives all its outputs; extra ones are channels-last tensors,
  // but what a kernel takes or gives has its dims as they lie. With memory of its own it has as
  // many inputs and outputs as the method it was read from.
  const Graph* graph = nullptr;
};

// A program with these methods. The weights are not copied: each constant becomes a segment that
// lies where it lay in the file.
// Errors: internal (a graph that read_program would not have returned).
Result<std::shared_ptr<const VirtualFile>> write_program(
    std::span<const MethodToWrite> methods, std::shared_ptr<const ProgramBytes> weights,
    IoMemory memory);

}  // namespace sectile::internal
