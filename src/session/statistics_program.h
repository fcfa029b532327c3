// Statistics that ExecuTorch computes: of others, between the stages of a run, and of an image, to
// compare with.
#pragma once

#include <memory>
#include <span>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/graph/graph.h"
#include "src/run/statistics.h"

namespace sectile::internal {

// Adds the statistics that `wanted` names to those that are known, by a program of the nodes of
// `whole` that lie between. `weights`: the file that its constants lie in.
// Errors: those of write_program, load_program and MultiIoSession::run.
Status compute_statistics(const Graph& whole, std::span<const ValueId> wanted,
                          const std::shared_ptr<const ProgramBytes>& weights, Statistics& known);

// How XNNPACK rounds squares on this processor. Measured once in the process: it runs tiny programs
// and compares each kind of statistic with Summation, bit by bit.
// Errors: unsupported: ExecuTorch adds up in another order here than Sectile knows of.
Result<SquareRounding> probe_statistics();

}  // namespace sectile::internal
