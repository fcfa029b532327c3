// What the owner of a network can do about a part of it that Sectile refuses.
#pragma once

#include <string>

#include "sectile/model.h"

namespace sectile::cli {

// One sentence. REQUIRES: the blocker comes from a method with that verdict, which is not `exact`.
std::string hint_for(const Blocker& blocker, Verdict verdict);

}  // namespace sectile::cli
