#include "src/session/staged_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/base/system.h"
#include "src/model/find_exact_method.h"
#include "src/run/pipeline.h"
#include "src/run/statistics_sink.h"
#include "src/session/network.h"
#include "src/session/statistics_program.h"
#include "src/session/workers.h"

namespace sectile::internal {

namespace {

class StagedRun {
 public:
  StagedRun(const PlanData& plan, const MethodData& data, SquareRounding rounding,
            ImageSource& source, const RunOptions& options)
      : plan_(plan), data_(data), rounding_(rounding), source_(source), options_(options) {}

  Result<RunReport> run(ImageSink& sink) {
    for (const PlanData& stage : plan_.earlier_stages) {
      const auto& wanted = data_.stages[*stage.stage].sums;
      StatisticsSink sums(stage.output_image, wanted,
                          {rounding_, plan_.statistics == StatisticsMode::accurate});
      if (auto status = run_stage(stage, sums); !status) return fail(status.error());
      sums.put_into(known_);
    }
    if (auto status = run_stage(plan_, sink); !status) return fail(status.error());
    report_.total_seconds = seconds_since_start();
    return report_;
  }

 private:
  Status run_stage(const PlanData& stage, ImageSink& sink) {
    if (auto status = compute_known(data_.stages[*stage.stage]); !status) return status;
    const auto network = network_of(stage, known_);
    if (!network) return fail(network.error());
    if (stage.trim_heap) release_unused_heap();
    auto workers = workers_of(*network, stage, Reuse::once);
    if (!workers) return fail(workers.error());
    PipelineState state;
    const auto report = run_pipeline({stage, std::move(*workers), network->parts}, state, source_,
                                     sink, options_now());
    if (!report) return fail(report.error());
    add(*report);
    steps_before_ += stage.steps();
    return {};
  }

  Status compute_known(const MethodStage& stage) {
    std::vector<ValueId> wanted;
    for (const KnownStatistic& known : stage.known) wanted.push_back(known.statistic);
    return compute_statistics(data_.apart, wanted, plan_.model->data().program.file, known_);
  }

  // What a stage tells is told as of the run.
  RunOptions options_now() const {
    RunOptions options = options_;
    const double before = seconds_since_start();
    if (options_.on_progress) {
      options.on_progress = [this, before, done = steps_before_](const Progress& progress) {
        options_.on_progress(
            {done + progress.steps_done, plan_.all_steps(), before + progress.seconds});
      };
    }
    if (options_.on_event) {
      options.on_event = [this, before](RunEvent event) {
        event.begin_seconds += before;
        event.end_seconds += before;
        options_.on_event(event);
      };
    }
    return options;
  }

  void add(const RunReport& report) {
    report_.read_seconds += report.read_seconds;
    report_.compute_seconds += report.compute_seconds;
    report_.copy_seconds += report.copy_seconds;
    report_.write_seconds += report.write_seconds;
    report_.peak_rss_bytes = std::max(report_.peak_rss_bytes, report.peak_rss_bytes);
  }

  double seconds_since_start() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const PlanData& plan_;
  const MethodData& data_;
  SquareRounding rounding_;
  ImageSource& source_;
  const RunOptions& options_;
  Statistics known_;
  RunReport report_;
  std::int64_t steps_before_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<RunReport> run_stages(const PlanData& plan, SquareRounding rounding, ImageSource& source,
                             ImageSink& sink, const RunOptions& options) {
  const auto data = find_exact_method(*plan.model, plan.method);
  if (!data) return fail(data.error());
  return StagedRun(plan, **data, rounding, source, options).run(sink);
}

}  // namespace sectile::internal
