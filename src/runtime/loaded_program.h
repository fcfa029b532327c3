// LoadedProgram: a program that ExecuTorch serves, from which sessions are loaded.
//
// Thread safety: from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sectile/result.h"
#include "src/base/tensor_spec.h"
#include "src/base/virtual_file.h"
#include "src/runtime/session.h"

namespace sectile::internal {

// Where XNNPACK's work of a session runs.
enum class Threading {
  caller,       // on the thread that calls run(), alone
  shared_pool,  // on ExecuTorch's own thread pool (a whole-image run as ExecuTorch does it)
};

class LoadedProgram {
 public:
  virtual ~LoadedProgram() = default;
  // `input` and `output` are what the caller will pass: a program that differs in any dim, data
  // type or layout is refused (unsupported).
  // Errors: not_found (no such method), unsupported, corrupt, internal (the runtime's own words),
  // over_budget (no memory).
  virtual Result<std::unique_ptr<Session>> load(const std::string& method, const TensorSpec& input,
                                                const TensorSpec& output, Threading threading) = 0;
  // The same for a method of as many inputs and outputs as there are specs.
  virtual Result<std::unique_ptr<MultiIoSession>> load_multi_io(
      const std::string& method, const std::vector<TensorSpec>& inputs,
      const std::vector<TensorSpec>& outputs, Threading threading) = 0;
};

// The program in `file`, served by ExecuTorch. The file stays alive as long as the program and its
// sessions.
// Errors: corrupt, internal, over_budget.
Result<std::shared_ptr<LoadedProgram>> load_program(std::shared_ptr<const VirtualFile> file);

}  // namespace sectile::internal
