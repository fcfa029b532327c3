#include "src/session/prepared_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/model/model_data.h"
#include "src/run/blend_sink.h"
#include "src/run/masked_sink.h"
#include "src/run/output_values.h"
#include "src/session/network.h"
#include "src/session/probe_statistics.h"
#include "src/session/staged_run.h"

namespace sectile::internal {

namespace {

// Two models of equal bytes are one model.
bool same_program(const Model& a, const Model& b) {
  if (&a.data() == &b.data()) return true;
  return std::ranges::equal(a.data().program.file->bytes(), b.data().program.file->bytes());
}

// Sums in double precision need not be those of ExecuTorch.
Result<Arithmetic> arithmetic_of(const PlanData& plan) {
  if (plan.statistics == StatisticsMode::accurate) return Arithmetic{.is_accurate = true};
  const auto rounding = probe_statistics();
  if (!rounding) return fail(rounding.error());
  return Arithmetic{.rounding = *rounding};
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
  if (!data.stages.empty()) {
    const auto arithmetic = arithmetic_of(data);
    if (!arithmetic) return fail(arithmetic.error());
    prepared.arithmetic_ = *arithmetic;
    return prepared;
  }
  auto workers =
      data.mode == Mode::approximate ? approximate_workers_of(data) : prepared.make_workers(reuse);
  if (!workers) return fail(workers.error());
  prepared.make_worker_ = std::move(*workers);
  if (data.mode == Mode::approximate) prepared.sheet_ = sheet_plan(data);
  return prepared;
}

Result<MakeWorker> PreparedRun::make_workers(Reuse reuse) {
  auto network = network_of(*plan_, {});
  if (!network) return fail(network.error());
  parts_ = network->parts;
  return workers_of(*network, *plan_, reuse);
}

Status PreparedRun::load() {
  return make_worker_ == nullptr ? Status{} : load_workers(setup(), state_);
}

Result<RunReport> PreparedRun::run(ImageSource& source, ImageSink& sink,
                                   const RunOptions& options) {
  if (auto status = check_ends(*plan_, source.info(), sink.info()); !status) {
    return fail(status.error());
  }
  if (!plan_->output_image.mask) return run_into(sink, source, options);
  MaskedSink masked(*plan_, sink);
  return run_into(masked, source, options);
}

Result<RunReport> PreparedRun::run_into(ImageSink& sink, ImageSource& source,
                                        const RunOptions& options) {
  if (sheet_) return run_blended(source, sink, options);
  if (arithmetic_) return run_stages(*plan_, *arithmetic_, source, sink, options);
  return run_pipeline(setup(), state_, source, sink, options);
}

Result<RunReport> PreparedRun::run_blended(ImageSource& source, ImageSink& sink,
                                           const RunOptions& options) {
  auto values = OutputValues::create(*plan_, options.output, sink.info());
  if (!values) return fail(values.error());
  auto blend = BlendSink::create(*plan_, sink, std::move(*values));
  if (!blend) return fail(blend.error());
  RunOptions of_sheet = options;
  of_sheet.output = {};  // it has the network's own numbers
  auto report = run_pipeline(setup(), state_, source, **blend, of_sheet);
  if (!report) return fail(report.error());
  if (plan_->steps() > 1) report->disagreement = (*blend)->disagreement();
  return report;
}

}  // namespace sectile::internal
