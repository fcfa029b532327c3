#include "src/plan/staged_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sectile/image.h"
#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "src/footprint/axis_geometry.h"
#include "src/graph/infer.h"
#include "src/image/temporary_image.h"
#include "src/plan/axis.h"
#include "src/plan/kept_layout.h"
#include "src/plan/network_plan.h"
#include "src/plan/planner.h"
#include "src/plan/run_memory.h"
#include "src/plan/window.h"
#include "src/transform/resize.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);
constexpr std::size_t kFastest = 1;  // of a plan's alternatives
constexpr std::size_t kLeanest = 2;

PlanTask without_limit(PlanTask task) {
  task.memory_bytes = std::numeric_limits<std::int64_t>::max() / 2;
  task.own_memory_bytes = 0;
  return task;
}

class StagedPlanMaker {
 public:
  StagedPlanMaker(const Program& program, const MethodInfo& info, const MethodData& data,
                  const ImageInfo& image, const PlanTask& task)
      : program_(program), info_(info), data_(data), image_(image), task_(task) {}

  Result<PlanData> make() {
    if (auto status = set_sizes(); !status) return fail(status.error());
    if (task_.mode == Mode::whole) {
      if (task_.statistics == StatisticsMode::exact) return plan_whole(task_);
      return fail(ErrorCode::invalid_argument,
                  "[plan] a whole-image run adds up statistics as ExecuTorch does: accurate ones "
                  "exclude the mode 'whole'");
    }
    if (task_.keep != KeepMode::none) layout_ = KeptLayout::of(data_, extended_);
    PlanTask whole_task = without_limit(task_);
    whole_task.mode = Mode::whole;
    whole_task.tile.reset();
    whole_task.step_rows.reset();
    auto whole = plan_whole(whole_task);
    if (!whole) return whole;
    auto staged = plan_best_way(whole->memory);
    if (!staged) return staged;
    whole->memory_limit_bytes = staged->memory_limit_bytes;
    compare(*whole, *staged);
    return takes_whole(*whole, *staged) ? whole : staged;
  }

 private:
  Status set_sizes() {
    const auto extended = extended_size(*data_.method->graph, *data_.footprint, image_.size);
    if (!extended) {
      return fail(extended.error().code, "[plan] " + extended.error().message);
    }
    extended_ = *extended;
    const auto whole = resize(*data_.method->graph, extended_);
    if (!whole) return fail(whole.error());
    whole_work_ = network_work(*whole);
    output_size_ = output_size_of(*whole, *data_.footprint, image_.size);
    return {};
  }

  Result<PlanData> plan_whole(const PlanTask& task) const {
    return plan_network(
        program_, info_.name,
        {.graph = *data_.method->graph, .footprint = *data_.footprint, .extended = extended_},
        image_, task);
  }

  const std::vector<MethodStage>& stages() const {
    return data_.stages_that(keep_ != KeepMode::none);
  }

  struct StageToPlan {
    NetworkToPlan network;
    ImageInfo input;
    PlanTask task;
  };

  Result<PlanData> plan_stage(std::size_t index, const PlanTask& task) const {
    auto stage = stage_to_plan(index, task);
    if (!stage) return fail(stage.error());
    auto plan = plan_network(program_, info_.name, stage->network, stage->input, stage->task);
    if (!plan) return plan;
    if (!stages()[index].sums.empty()) plan->output_image.metadata = {};  // no bands of a file
    plan->stage = index;
    plan->keep = keep_;
    plan->passes = {pass_of(*plan, plan->work / whole_work_)};
    describe(stages()[index], stage->network, *plan);
    // Processors that copy what is kept do not compute.
    std::int64_t copied_bytes = stage->network.newly_kept_bytes;
    if (stage->network.reads_kept) {
      copied_bytes += plan->input_window.size().area() * stage->input.bands * kValueBytes;
    }
    plan->seconds += kTimeModel.seconds_per_kept_byte * static_cast<double>(copied_bytes);
    return plan;
  }

  Result<StageToPlan> stage_to_plan(std::size_t index, const PlanTask& task) const {
    const MethodStage& stage = stages()[index];
    StageToPlan out{
        {.graph = *stage.method.graph, .footprint = stage.footprint, .extended = extended_},
        image_,
        task};
    if (!stage.sums.empty()) {
      out.task.window.reset();
      out.task.sink_bytes = 0;
      out.task.output_type = PixelType::f32;
      out.task.output = OutputKind::values;
      out.task.threshold.reset();
      out.task.classes.clear();
      out.network.is_summed = true;
      out.network.held_bytes = held_bytes_;
      for (const Sum& sum : stage.sums) {
        if (sum.is_of_held_rows()) out.network.summed_whole_channels += sum.channels.size();
      }
    }
    out.network.held_bytes += bytes_between(index);
    if (keep_ == KeepMode::none) return out;
    out.input = count_kept(index, out.network);
    if (!out.network.reads_kept) return out;
    if (auto status = scale_request(stage, out.input.size, out.task); !status) {
      return fail(status.error());
    }
    return out;
  }

  void describe(const MethodStage& stage, const NetworkToPlan& network, PlanData& plan) const {
    PlannedPass& pass = plan.passes[0];
    for (const Sum& sum : stage.sums) pass.statistics += sum.channels.size();
    if (!stage.sums.empty()) pass.pixels = plan.output.area();
    for (const StageInput& part : stage.inputs) {
      if (part.image != data_.apart.input) ++pass.kept_images_read;
    }
    pass.kept_bytes = network.newly_kept_bytes;
  }

  // The image that the stage reads, and what it takes to keep images.
  ImageInfo count_kept(std::size_t index, NetworkToPlan& network) const {
    if (keep_ == KeepMode::memory) network.kept_in_memory_bytes = layout_->bytes_there(index);
    network.newly_kept_bytes = layout_->bytes_written(index);
    auto input = layout_->input(index);
    if (!input) return image_;
    input->held_bytes += image_.held_bytes;  // the source is there in every pass
    network.extended = input->size;
    network.reads_kept = true;
    if (stages()[index].sums.empty()) {
      network.output.emplace(image_, output_size_,
                             Scale{data_.footprint->y.scale, data_.footprint->x.scale});
    }
    // Strips of the image itself, scaled and of the size that the network takes (ExtendedSource).
    const auto& parts = stages()[index].inputs;
    if (std::ranges::find(parts, data_.apart.input, &StageInput::image) != parts.end()) {
      input->held_bytes += 2 * reading_bytes(extended_, image_.bands);
    }
    return *input;
  }

  // Tiles and steps were asked for in pixels of the image; a stage's own may be larger.
  Status scale_request(const MethodStage& stage, Size size, PlanTask& task) const {
    const auto scaled = [](std::int64_t length, std::int64_t own, std::int64_t whole) {
      return std::max<std::int64_t>(1, std::min(length, whole) * own / whole);
    };
    if (task.step_rows) {
      task.step_rows =
          round_up(scaled(*task.step_rows, size.height, extended_.height), stage.footprint.y.grid);
    }
    if (!task.tile) return {};
    const auto shapes = infer_shapes(*stage.method.graph, size);
    if (!shapes) return fail(shapes.error());
    const auto least = [&](const AxisFootprint& footprint, Axis axis) {
      return smallest_tile(axis_geometry(*stage.method.graph, footprint, axis, *shapes));
    };
    task.tile = {std::max(least(stage.footprint.y, Axis::y),
                          scaled(task.tile->height, size.height, extended_.height)),
                 std::max(least(stage.footprint.x, Axis::x),
                          scaled(task.tile->width, size.width, extended_.width))};
    return {};
  }

  // Of the program that computes what the stage takes of earlier statistics.
  std::int64_t bytes_between(std::size_t index) const {
    std::vector<ValueId> made;
    for (std::size_t i = 0; i < index; ++i) {
      for (const KnownStatistic& known : stages()[i].known) made.push_back(known.statistic);
      for (const Sum& sum : stages()[i].sums) made.push_back(sum.statistic);
    }
    std::vector<ValueId> wanted;
    for (const KnownStatistic& known : stages()[index].known) {
      wanted.push_back(known.statistic);
    }
    const StatisticsGraph between = statistics_graph(data_.apart, made, wanted);
    return between.outputs.empty() ? 0 : session_memory(between.graph).total();
  }

  // The last one first: what its sink holds is there in all of them.
  Result<std::vector<PlanData>> plan_each(const PlanTask& task) {
    std::vector<PlanData> plans(stages().size());
    held_bytes_ = 0;
    for (std::size_t i = plans.size(); i-- > 0;) {
      auto plan = plan_stage(i, task);
      if (!plan) return fail(plan.error());
      if (i + 1 == plans.size()) held_bytes_ = plan->output_image.held_bytes;
      plans[i] = std::move(*plan);
    }
    return plans;
  }

  // The ways to keep images that were asked for and that there are.
  std::vector<KeepMode> ways() const {
    if (!layout_) return {KeepMode::none};
    if (task_.keep != KeepMode::automatic) return {task_.keep};
    std::vector<KeepMode> ways{KeepMode::memory};
    const bool has_room = layout_->most_bytes() <= temp_limit_bytes();
    if (has_room && !is_in_memory(temp_folder())) ways.push_back(KeepMode::file);
    ways.push_back(KeepMode::none);
    return ways;
  }

  std::string temp_folder() const {
    return task_.temp_folder.empty() ? default_temp_folder() : task_.temp_folder;
  }
  std::int64_t temp_limit_bytes() const {
    const auto all_bytes =
        task_.temp_limit_bytes.value_or(free_bytes_in(temp_folder()).value_or(0) / 2);
    return all_bytes / task_.concurrent_runs;
  }

  // The best of all ways that fit. Errors: none does.
  Result<PlanData> plan_best_way(const PlannedMemory& whole) {
    std::optional<PlanData> best;
    for (const KeepMode way : ways()) {
      if (way == KeepMode::none && best && is_better_than_again(*best, whole)) continue;
      keep_ = way;
      if (way == KeepMode::file && layout_->most_bytes() > temp_limit_bytes()) {
        return fail(no_room_in_temp());
      }
      auto plan = plan_stages();
      if (plan && (!best || is_better(*plan, *best, whole))) {
        best = std::move(*plan);
      } else if (!plan && plan.error().code != ErrorCode::over_budget &&
                 (way == KeepMode::none || task_.keep == way)) {
        return fail(plan.error());
      }
    }
    if (!best) return fail(least_limit());
    return std::move(*best);
  }

  bool is_better(const PlanData& a, const PlanData& b, const PlannedMemory& whole) const {
    const Weighing weighing{std::min(a.seconds, b.seconds), whole, !has_limit(task_)};
    return weighing.score(a.seconds, a.memory) < weighing.score(b.seconds, b.memory);
  }

  // Better than computing everything again, if that took no more than its work, and no memory:
  // plans of many stages that all begin at the image take long to make.
  bool is_better_than_again(const PlanData& plan, const PlannedMemory& whole) const {
    double work = 0;
    for (const MethodStage& stage : data_.stages) {
      const auto resized = resize(*stage.method.graph, extended_);
      if (!resized) return false;
      work += network_work(*resized);
    }
    PlanData again;
    again.seconds = kTimeModel.computing(work) / threads_of(task_);
    return is_better(plan, again, whole);
  }

  Error no_room_in_temp() const {
    constexpr std::int64_t kMiB = std::int64_t{1} << 20;
    if (!free_bytes_in(temp_folder())) {
      return {ErrorCode::invalid_argument,
              fmt::format("[plan] there is no folder '{}' for temporary files: give another one "
                          "with --temp-dir",
                          temp_folder())};
    }
    return {ErrorCode::invalid_argument,
            fmt::format("[plan] {} MiB would be kept at a time in the folder '{}', and {} MiB are "
                        "allowed there: give a larger --temp-limit, another --temp-dir or --keep "
                        "none",
                        ceil_div(layout_->most_bytes(), kMiB), temp_folder(),
                        temp_limit_bytes() / kMiB)};
  }

  Result<PlanData> plan_stages() {
    auto plans = plan_each(task_);
    if (!plans) return fail(plans.error());
    PlanData all = plans->back();
    all.stage.reset();
    all.passes.clear();
    all.seconds = 0;
    all.work = 0;
    for (const PlanData& stage : *plans) {
      all.passes.push_back(stage.passes[0]);
      all.seconds += stage.seconds;
      all.work += stage.work;
      if (stage.memory.total() > all.memory.total()) all.memory = stage.memory;
    }
    all.image = image_.size;
    all.extended = extended_;
    all.input_window = Rect::of(image_.size);  // statistics are of all of it, whatever the window
    all.compute_ratio = all.work / whole_work_;
    all.statistics = task_.statistics;
    if (task_.statistics == StatisticsMode::accurate) {
      all.output_image.approximation =
          "statistics added up in double precision; not the bits of a whole-image run";
    }
    if (keep_ == KeepMode::file) {
      all.temp_folder = temp_folder();
      all.temp_bytes = layout_->most_bytes();
    }
    all.stages = std::move(*plans);
    return all;
  }

  // Of the way that needs the least: of its stage that needs the most.
  Error least_limit() {
    std::optional<PlannedMemory> least;
    for (const KeepMode way : ways()) {
      keep_ = way;
      const auto plans = plan_each(without_limit(task_));
      if (!plans) return plans.error();
      PlannedMemory most;
      for (const PlanData& plan : *plans) {
        most.process_bytes = std::max(most.process_bytes, plan.alternatives[kLeanest].peak_bytes);
      }
      if (!least || most.total() < least->total()) least = most;
    }
    return over_budget(*least, memory_limit_of(task_, process_bytes(*program_.file, task_)),
                       task_.concurrent_runs);
  }

  // The stages' alternatives together, against the chosen plan.
  static PlanAlternative together(const PlanData& staged, std::size_t which) {
    PlanAlternative sum = staged.alternatives[which];
    double seconds = 0;
    for (const PlanData& stage : staged.stages) {
      seconds += stage.alternatives[which].time * stage.seconds;
      sum.peak_bytes = std::max(sum.peak_bytes, stage.alternatives[which].peak_bytes);
    }
    sum.time = seconds;
    sum.fits = sum.peak_bytes + sum.peak_bytes / 64 <= staged.memory_limit_bytes;
    return sum;
  }

  void compare(PlanData& whole, PlanData& staged) const {
    PlanAlternative of_whole = whole.alternatives[0];
    of_whole.name = "whole image";
    of_whole.time = whole.seconds;
    of_whole.fits = fits(whole);
    std::vector<PlanAlternative> both{together(staged, 0), together(staged, kFastest),
                                      together(staged, kLeanest), of_whole};
    if (whole.seconds < both[kFastest].time) {
      both[kFastest] = of_whole;
      both[kFastest].name = "fastest";
    }
    const auto against = [&](double seconds) {
      std::vector<PlanAlternative> alternatives = both;
      for (PlanAlternative& other : alternatives) other.time /= seconds;
      return alternatives;
    };
    staged.alternatives = against(staged.seconds);
    whole.alternatives = against(whole.seconds);
    whole.alternatives[0] = whole.alternatives.back();
    whole.alternatives[0].name = "chosen";
  }

  static bool fits(const PlanData& whole) {
    return whole.memory.least_limit() <= whole.memory_limit_bytes;
  }

  bool takes_whole(const PlanData& whole, const PlanData& staged) const {
    const bool is_asked_for = task_.mode == Mode::automatic && !task_.tile && !task_.step_rows &&
                              task_.statistics == StatisticsMode::exact;
    return is_asked_for && fits(whole) && is_better(whole, staged, whole.memory);
  }

  const Program& program_;
  const MethodInfo& info_;
  const MethodData& data_;
  const ImageInfo& image_;
  const PlanTask& task_;
  Size extended_;
  double whole_work_ = 1;
  Size output_size_;
  std::optional<KeptLayout> layout_;  // none: nothing can be kept
  KeepMode keep_ = KeepMode::none;
  std::int64_t held_bytes_ = 0;
};

}  // namespace

Result<PlanData> plan_staged(const Program& program, const MethodInfo& info, const MethodData& data,
                             const ImageInfo& image, const PlanTask& task) {
  return StagedPlanMaker(program, info, data, image, task).make();
}

}  // namespace sectile::internal
