// The session of a step of a streaming form.
#pragma once

#include <memory>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/transform/stream.h"

namespace sectile::internal {

// Writes the step as a program and loads it. `weights` is the file that its constants lie in.
// REQUIRES: the step has nodes.
// Errors: those of write_program, load_program and LoadedProgram::load_multi_io.
Result<std::unique_ptr<MultiIoSession>> load_step_session(
    const StepGraph& step, std::shared_ptr<const ProgramBytes> weights, Threading threading);

}  // namespace sectile::internal
