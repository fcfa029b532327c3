// A method as it was exported: what running it at that size, unchanged, takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct ExportedMethod {
  // Of each of its delegates, which are XNNPACK's. The first external input and output are `input`
  // and `output`, the others extra ones. Only what every delegate must have was checked: no rule of
  // an operator was asked.
  std::vector<Graph> delegates;
  std::int64_t planned_bytes = 0;  // values outside the delegates, by the program's own plan
};

// Errors: corrupt, unsupported (another delegate; a method that the program does not have under
// this name, in full or escaped). The message is the bare reason.
Result<ExportedMethod> read_exported(const ProgramBytes& file, const std::string& method);

}  // namespace sectile::internal
