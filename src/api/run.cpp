#include "sectile/run.h"

#include <utility>

#include "src/api/approximate.h"
#include "src/api/workers.h"
#include "src/run/pipeline.h"

namespace sectile {

Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options) {
  if (plan.mode == Mode::approximate) return run_approximate(model, plan, source, sink, options);
  auto workers = workers_of(model, plan);
  if (!workers) return fail(workers.error());
  const PipelineSetup setup{plan, std::move(*workers)};
  PipelineState state;
  return run_pipeline(setup, state, source, sink, options);
}

}  // namespace sectile
