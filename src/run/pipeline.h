// Pipeline: carries a plan out. A reader, workers and a writer, each on its own thread, meet at a
// Scheduler.
#pragma once

#include <memory>
#include <vector>

#include "sectile/image.h"
#include "sectile/run.h"
#include "src/plan/plan_data.h"
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
  const PlanData& plan;
  MakeWorker make_worker;  // called once per worker that is not there yet
  InputParts parts = {};   // of the method's input
};

// Errors: invalid_argument (an image of another size, other bands or another pixel type than the
// plan's: the message has both; another mask).
Status check_ends(const PlanData& plan, const ImageInfo& source, const ImageInfo& sink);

// Makes the workers that are not there yet and loads them, side by side. Errors: those of both.
Status load_workers(const PipelineSetup& setup, PipelineState& state);

// `state` is grown to what the plan needs; it must be fresh or come from a run of the same plan.
// The same bits for any number of workers and any timing.
// Errors: see run() in sectile/run.h.
Result<RunReport> run_pipeline(const PipelineSetup& setup, PipelineState& state,
                               ImageSource& source, ImageSink& sink, const RunOptions& options);

}  // namespace sectile::internal
