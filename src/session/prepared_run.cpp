#include "src/session/prepared_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/model/model_data.h"
#include "src/run/blend_sink.h"

namespace sectile::internal {

namespace {

// Two models of equal bytes are one model.
bool same_program(const Model& a, const Model& b) {
  if (&a.data() == &b.data()) return true;
  return std::ranges::equal(a.data().program.file->bytes(), b.data().program.file->bytes());
}

}  // namespace

Status check_model(const Model& model, const PlanData& plan) {
  if (same_program(model, *plan.model)) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[run] the plan was made for the model {} and not for {}: make a plan for "
                  "this model",
                  plan.model->path(), model.path()));
}

Result<PreparedRun> PreparedRun::create(std::shared_ptr<const PlanData> plan, Reuse reuse) {
  PreparedRun prepared(std::move(plan));
  const PlanData& data = *prepared.plan_;
  auto workers = workers_of(*data.model, data, reuse);
  if (!workers) return fail(workers.error());
  prepared.make_worker_ = std::move(*workers);
  if (data.mode == Mode::approximate) {
    prepared.sheet_ = sheet_plan(data);
    return prepared;
  }
  const auto method = data.model->method(data.method);
  if (!method) return fail(method.error());
  prepared.parts_ = input_parts(**method);
  return prepared;
}

Status PreparedRun::load() { return load_workers(setup(), state_); }

Result<RunReport> PreparedRun::run(ImageSource& source, ImageSink& sink,
                                   const RunOptions& options) {
  if (auto status = check_ends(*plan_, source.info(), sink.info()); !status) {
    return fail(status.error());
  }
  if (sheet_) return run_blended(source, sink, options);
  return run_pipeline(setup(), state_, source, sink, options);
}

Result<RunReport> PreparedRun::run_blended(ImageSource& source, ImageSink& sink,
                                           const RunOptions& options) {
  auto blend = BlendSink::create(*plan_, sink);
  if (!blend) return fail(blend.error());
  auto report = run_pipeline(setup(), state_, source, **blend, options);
  if (!report) return fail(report.error());
  if (plan_->steps() > 1) report->disagreement = (*blend)->disagreement();
  return report;
}

}  // namespace sectile::internal
