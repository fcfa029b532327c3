// The workers of a plan, whatever its mode.
#pragma once

#include "sectile/result.h"
#include "src/plan/plan_data.h"
#include "src/run/worker.h"
#include "src/session/network.h"

namespace sectile::internal {

// Whether what one run has loaded stays for the next.
enum class Reuse { once, many_times };

// They keep what they need of the network. To be used many times, they hold on to as many sessions
// as fit into the plan's memory limit.
// Errors: those of TileProgram and make_stream.
Result<MakeWorker> workers_of(const Network& network, const PlanData& plan, Reuse reuse);

// Of approximate mode: they run the method as it was exported. Errors: those of ExportedTile.
Result<MakeWorker> approximate_workers_of(const PlanData& plan);

}  // namespace sectile::internal
