#include "sectile/run.h"

#include <fmt/format.h>

#include <utility>

#include "src/run/pipeline.h"
#include "src/session/as_exported.h"
#include "src/session/workers.h"

namespace sectile {

using namespace internal;

Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options) {
  const auto method = model.method(plan.method);
  if (!method) return fail(method.error());
  if (source.info().bands != (*method)->input.channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] the source has {} bands and the network '{}' takes {}",
                            source.info().bands, plan.method, (*method)->input.channels));
  }
  if (plan.mode == Mode::approximate) {
    return run_approximate(model, **method, plan, source, sink, options);
  }
  auto workers = workers_of(model, plan);
  if (!workers) return fail(workers.error());
  const PipelineSetup setup{plan, std::move(*workers), input_parts(**method)};
  PipelineState state;
  return run_pipeline(setup, state, source, sink, options);
}

}  // namespace sectile
