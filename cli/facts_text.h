// A model's facts as `sectile inspect` prints them.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/model_facts.h"

namespace sectile::cli {

// In the file's own form; null where there are none.
Json facts_json(const ModelFacts& facts);

// In lines, each with its end; empty where there are none.
std::string facts_text(const ModelFacts& facts);

}  // namespace sectile::cli
