// What there is to do about a network that Sectile refuses.
#pragma once

#include <string>
#include <vector>

#include "sectile/model.h"

namespace sectile::cli {

// What the network's owner can do about that part. One sentence.
// REQUIRES: the blocker comes from a method with that verdict, which is not `exact`.
std::string hint_for(const Blocker& blocker, Verdict verdict);

// What can be done with the method unchanged. Empty for an exact one, and where nothing can.
std::vector<std::string> ways_out(const Model& model, const MethodInfo& method);

// The error of a plan; where the method was refused, the first way out follows it.
Error with_way_out(Error error, const Model& model, const std::string& method);

}  // namespace sectile::cli
