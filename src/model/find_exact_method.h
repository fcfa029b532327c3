// find_exact_method: a model's method that can be cut into tiles with equal bits.
#pragma once

#include <string>

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/model/model_data.h"

namespace sectile::internal {

// The method of that name (empty: the default one), which can be cut.
// Errors: not_found, unsupported, not_exact; the message names the first blocker.
Result<const MethodData*> find_exact_method(const Model& model, const std::string& name);

}  // namespace sectile::internal
