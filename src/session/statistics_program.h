// Statistics that ExecuTorch computes of others, between the stages of a run.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/graph/graph.h"
#include "src/run/statistics.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {

// Adds the statistics that `wanted` names to those that are known, by a program of the nodes of
// `whole` that lie between. `weights`: the file that its constants lie in.
// Errors: those of write_program, load_program and MultiIoSession::run.
Status compute_statistics(const Graph& whole, std::span<const ValueId> wanted,
                          const std::shared_ptr<const ProgramBytes>& weights, Statistics& known);

// Runs a graph that has extra inputs and outputs alone, on this thread. Errors: over_budget, those
// of the session.
Result<std::vector<TileBuffer>> run_once(const Graph& graph,
                                         std::span<const std::span<const float>> inputs,
                                         std::shared_ptr<const ProgramBytes> weights);

}  // namespace sectile::internal
