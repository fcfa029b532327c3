// analyse: what Sectile finds out about a method when a program is opened.
#pragma once

#include <cstddef>
#include <span>

#include "sectile/model.h"
#include "src/model/model_data.h"
#include "src/program/program.h"

namespace sectile::internal {

// Fills `info` and `data`. `method` must outlive `data`; `file` is the program that it is from.
void analyse(const ProgramMethod& method, std::span<const std::byte> file,
             const OpenOptions& options, MethodInfo& info, MethodData& data);

}  // namespace sectile::internal
