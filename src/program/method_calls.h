// What a method calls, in the order of its instructions.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "program_generated.h"
#include "sectile/result.h"

namespace sectile::internal {

// A delegate call, or a kernel call with the kernel's name.
struct Call {
  const executorch_flatbuffer::DelegateCall* delegate = nullptr;
  const executorch_flatbuffer::KernelCall* kernel = nullptr;
  std::string name;
};

// Errors: corrupt.
Result<std::vector<Call>> read_calls(const executorch_flatbuffer::ExecutionPlan& plan);

// Never null, with a name. Errors: corrupt.
Result<const executorch_flatbuffer::BackendDelegate*> delegate_of(
    const executorch_flatbuffer::ExecutionPlan& plan,
    const executorch_flatbuffer::DelegateCall& call);

}  // namespace sectile::internal
