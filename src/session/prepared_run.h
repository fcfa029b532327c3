// PreparedRun: a plan with its workers, ready to run over images any number of times.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sectile/plan.h"
#include "sectile/run.h"
#include "src/plan/plan_data.h"
#include "src/run/pipeline.h"
#include "src/run/statistics.h"
#include "src/session/workers.h"

namespace sectile::internal {

class PreparedRun {
 public:
  // Reads and rewrites the program; loads no session yet. `plan` is one of make_plan.
  // Errors: those of workers_of and probe_statistics.
  static Result<PreparedRun> create(std::shared_ptr<const PlanData> plan, Reuse reuse);

  // Loads the sessions of all workers now. Errors: those of loading a session.
  Status load();

  // Errors: those of sectile::run.
  Result<RunReport> run(ImageSource& source, ImageSink& sink, const RunOptions& options);

 private:
  explicit PreparedRun(std::shared_ptr<const PlanData> plan) : plan_(std::move(plan)) {}
  PipelineSetup setup() const { return {sheet_ ? *sheet_ : *plan_, make_worker_, parts_}; }
  Result<MakeWorker> make_workers(Reuse reuse);
  // Into what takes the plan's window.
  Result<RunReport> run_into(ImageSink& sink, ImageSource& source, const RunOptions& options);
  Result<RunReport> run_blended(ImageSource& source, ImageSink& sink, const RunOptions& options);

  std::shared_ptr<const PlanData> plan_;
  std::optional<PlanData> sheet_;  // of approximate mode: what the pipeline carries out
  // Of a plan of several stages, which load their programs as they come.
  std::optional<Arithmetic> arithmetic_;
  MakeWorker make_worker_;
  InputParts parts_;  // none in approximate mode
  PipelineState state_;
};

// Errors: invalid_argument: the plan was made for another model.
Status check_model(const Model& model, const PlanData& plan);

}  // namespace sectile::internal
