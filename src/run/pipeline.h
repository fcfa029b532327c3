// Pipeline: carries a plan out. A reader, workers and a writer, each on its own thread, meet at a
// Board.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sectile/image.h"
#include "sectile/plan.h"
#include "sectile/run.h"
#include "src/runtime/session.h"

namespace sectile {

// A worker's network and its buffers. They outlive a run when the caller keeps them, so that a
// second run starts warm.
struct WorkerState {
  std::unique_ptr<Session> session;
  TileBuffer input;
  TileBuffer output;
};

struct PipelineSetup {
  const Plan& plan;
  Scale scale;  // of the network
  // Called once per worker that has no session yet, on the worker's thread.
  std::function<Result<std::unique_ptr<Session>>()> load_session;
};

// Grows `workers` to plan.workers. The same bits for any number of workers and any timing.
// Errors: see run() in sectile/run.h.
Result<RunReport> run_pipeline(const PipelineSetup& setup, std::vector<WorkerState>& workers,
                               ImageSource& source, ImageSink& sink, const RunOptions& options);

}  // namespace sectile
