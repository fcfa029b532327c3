#include "src/session/staged_run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "src/base/system.h"
#include "src/image/temporary_image.h"
#include "src/model/find_exact_method.h"
#include "src/plan/kept_layout.h"
#include "src/run/extended_source.h"
#include "src/run/keeping_sink.h"
#include "src/run/output_values.h"
#include "src/run/pipeline.h"
#include "src/run/scaling.h"
#include "src/run/statistics_sink.h"
#include "src/session/network.h"
#include "src/session/statistics_program.h"
#include "src/session/workers.h"

namespace sectile::internal {

namespace {

class StagedRun {
 public:
  StagedRun(const PlanData& plan, const MethodData& data, InputParts parts, Arithmetic arithmetic,
            ImageSource& source, const RunOptions& options)
      : plan_(plan),
        data_(data),
        stages_(stages_of(data, plan)),
        parts_(std::move(parts)),
        arithmetic_(arithmetic),
        source_(source),
        options_(options) {}

  Result<RunReport> run(ImageSink& sink) {
    for (const PlanData& plan : plan_.stages) {
      const MethodStage& stage = stages_[*plan.stage];
      if (auto status = run_stage(plan, stage, sink); !status) return fail(status.error());
      drop_unread(*plan.stage);
    }
    report_.total_seconds = seconds_since_start();
    return report_;
  }

 private:
  Status run_stage(const PlanData& plan, const MethodStage& stage, ImageSink& sink) {
    if (stage.sums.empty()) return run_pass(plan, stage, sink);
    StatisticsSink sums(plan.output_image, stage.sums, arithmetic_);
    auto kept = keep_images(plan, stage);
    if (!kept) return fail(kept.error());
    KeepingSink both(sums, std::move(*kept));
    if (auto status = run_pass(plan, stage, both); !status) return status;
    sums.put_into(known_);
    return {};
  }

  Status run_pass(const PlanData& plan, const MethodStage& stage, ImageSink& sink) {
    if (auto status = compute_known(stage); !status) return status;
    const auto network = network_of(plan, known_);
    if (!network) return fail(network.error());
    if (plan.trim_heap) release_unused_heap();
    auto workers = workers_of(*network, plan, Reuse::once);
    if (!workers) return fail(workers.error());
    std::unique_ptr<ImageSource> kept;
    RunOptions options = options_now();
    if (!stage.sums.empty()) options.output = {};  // they are the network's own numbers
    if (!stage.inputs.empty()) {
      auto joined = kept_source(stage);
      if (!joined) return fail(joined.error());
      kept = std::move(*joined);
      options.input = {};  // the numbers are the network's already
    }
    PipelineState state;
    const auto report = run_pipeline({plan, std::move(*workers), network->parts}, state,
                                     kept ? *kept : source_, sink, options);
    if (!report) return fail(report.error());
    add(*report);
    steps_before_ += plan.steps();
    return {};
  }

  // Makes room for what the stage keeps.
  Result<std::vector<KeptBands>> keep_images(const PlanData& plan, const MethodStage& stage) {
    std::vector<KeptBands> kept;
    for (const KeptImage& image : stage.kept) {
      ImageInfo info = plan.output_image;
      info.bands = static_cast<int>(image.channels.size());
      auto made = plan_.keep == KeepMode::memory
                      ? TemporaryImage::in_memory(info)
                      : TemporaryImage::in_folder(info, plan_.temp_folder);
      if (!made) return fail(made.error());
      kept_.emplace(image.image, *made);
      kept.push_back({image.channels, std::move(*made)});
    }
    return kept;
  }

  // What the stage reads, as one image.
  Result<std::unique_ptr<ImageSource>> kept_source(const MethodStage& stage) {
    std::vector<std::unique_ptr<ImageSource>> images;
    std::vector<Size> scales;
    for (const StageInput& part : stage.inputs) {
      scales.push_back(part.scale);
      if (part.image != data_.apart.input) {
        images.push_back(kept_.at(part.image).source());
        continue;
      }
      auto scalings = band_scalings(options_.input, source_.info(), parts_);
      if (!scalings) return fail(scalings.error());
      images.push_back(
          std::make_unique<ExtendedSource>(source_, std::move(*scalings), parts_, plan_.extended));
    }
    return join_images(std::move(images), std::move(scales));
  }

  void drop_unread(std::size_t stage) {
    std::erase_if(kept_,
                  [&](const auto& kept) { return !is_read_after(stages_, stage, kept.first); });
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
    report_.steps_left_out += report.steps_left_out;
    report_.peak_rss_bytes = std::max(report_.peak_rss_bytes, report.peak_rss_bytes);
  }

  double seconds_since_start() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const PlanData& plan_;
  const MethodData& data_;
  const std::vector<MethodStage>& stages_;
  const InputParts parts_;
  Arithmetic arithmetic_;
  ImageSource& source_;
  const RunOptions& options_;
  Statistics known_;
  std::map<ValueId, TemporaryImage> kept_;
  RunReport report_;
  std::int64_t steps_before_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<RunReport> run_stages(const PlanData& plan, Arithmetic arithmetic, ImageSource& source,
                             ImageSink& sink, const RunOptions& options) {
  const auto data = find_exact_method(*plan.model, plan.method);
  if (!data) return fail(data.error());
  const auto info = plan.model->method(plan.method);
  if (!info) return fail(info.error());
  // The last stage alone makes pixels, after all others.
  const auto values = OutputValues::create(plan, options.output, sink.info());
  if (!values) return fail(values.error());
  return StagedRun(plan, **data, input_parts(**info), arithmetic, source, options).run(sink);
}

}  // namespace sectile::internal
