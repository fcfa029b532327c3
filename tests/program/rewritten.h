// Programs on their way through src/program and back: written, read again, compared, run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/tensor_spec.h"
#include "src/program/program.h"
#include "src/program/write_program.h"
#include "tests/program/temp_folder.h"

namespace sectile::internal {

// The whole file as one piece, as ExecuTorch would be given it.
std::shared_ptr<const VirtualFile> as_virtual_file(std::shared_ptr<const ProgramBytes> file);

// The program with these graphs, one a method, written and read again.
// Errors: those of write_program and read_program.
Result<Program> write_and_read(const Program& program, const std::vector<MethodToWrite>& methods,
                               IoMemory memory, const TempFolder& folder);
// With one method, and another graph in its place.
Result<Program> write_and_read(const Program& program, const ProgramMethod& method,
                               const Graph& graph, const TempFolder& folder);

// Its values in the order in which they are met, to compare graphs that may number them otherwise.
Graph renumbered(const Graph& graph);

// Fails the test unless both graphs are the same network with the same weights.
void expect_same_graph(const Graph& a, const ProgramBytes& a_file, const Graph& b,
                       const ProgramBytes& b_file);

// What a method's input or output looks like to a session, as the file says it.
TensorSpec spec_of(const ProgramTensor& tensor);

// The output of one run over noise, or over an image of that value alone. Fails the test, and
// returns nothing, when there is an error.
std::vector<float> run_method(std::shared_ptr<const VirtualFile> file, const ProgramMethod& method,
                              const std::string& name, std::optional<float> value = {});

}  // namespace sectile::internal
