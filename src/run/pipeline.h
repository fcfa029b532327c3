// Pipeline: carries a plan out. A reader, workers and a writer, each on its own thread, meet at a
// Scheduler.
#pragma once

#include <memory>
#include <vector>

#include "sectile/image.h"
#include "sectile/plan.h"
#include "sectile/run.h"
#include "src/run/input_parts.h"
#include "src/run/worker.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {

// The rows of one strip: input and output.
struct StripSlot {
  TileBuffer input;
  TileBuffer output;
};

// What a run holds in memory. It outlives the run when the caller keeps it, so that a second run of
// the same plan starts warm.
struct PipelineState {
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<StripSlot> slots;
};

struct PipelineSetup {
  const Plan& plan;
  MakeWorker make_worker;  // called once per worker that is not there yet
  InputParts parts = {};   // of the method's input
};

// Errors: invalid_argument (an image of another size or other bands than the plan's).
Status check_ends(const Plan& plan, const ImageSource& source, const ImageSink& sink);

// `state` is grown to what the plan needs; it must be fresh or come from a run of the same plan.
// The same bits for any number of workers and any timing.
// Errors: see run() in sectile/run.h.
Result<RunReport> run_pipeline(const PipelineSetup& setup, PipelineState& state,
                               ImageSource& source, ImageSink& sink, const RunOptions& options);

}  // namespace sectile::internal
