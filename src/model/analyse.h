// analyse: what Sectile finds out about a method when a program is opened.
#pragma once

#include "sectile/model.h"
#include "src/model/model_data.h"
#include "src/program/program.h"

namespace sectile::internal {

// Fills `info` and `data`. `method` must outlive `data`.
void analyse(const ProgramMethod& method, MethodInfo& info, MethodData& data);

}  // namespace sectile::internal
