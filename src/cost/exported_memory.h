// What a session over a program holds that runs as it was exported.
#pragma once

#include <vector>

#include "sectile/result.h"
#include "src/cost/memory.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// Of the networks of all its delegates, whose workspace is one: weights and tables add up, the
// largest workspace counts. Inputs and outputs of the delegates are left out. Nodes whose memory no
// rule knows are counted by their constants and values.
// Errors: corrupt (a node contradicts itself, which XNNPACK would not see), unsupported (integers
// whose scales XNNPACK does not take, or of an operator without a rule); the message is the bare
// reason.
Result<SessionMemory> exported_memory(const std::vector<Graph>& delegates);

}  // namespace sectile::internal
