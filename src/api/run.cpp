#include "sectile/run.h"

#include <utility>

#include "src/api/workers.h"
#include "src/run/pipeline.h"

namespace sectile {

Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options) {
  auto workers = workers_of(model, plan);
  if (!workers) return fail(workers.error());
  const PipelineSetup setup{plan, std::move(*workers)};
  PipelineState state;
  return run_pipeline(setup, state, source, sink, options);
}

}  // namespace sectile
