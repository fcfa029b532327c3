// Reads an ExecuTorch program.
//
// Thread safety: pure functions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/program/program.h"

namespace sectile::internal {

// Errors: corrupt, unsupported (another format of programs); the message names the file and what
// contradicts itself.
// `fixed_sizes`: windows as large as the exported image are windows of that size.
Result<Program> read_program(std::shared_ptr<const ProgramBytes> file, bool fixed_sizes = false);

// The operators that the format has for XNNPACK, in its order.
std::vector<std::string> format_operators();

// The kernels of ExecuTorch that are joined with the delegates around them.
std::vector<std::string> joined_kernels();

}  // namespace sectile::internal
