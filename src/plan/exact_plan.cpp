#include "src/plan/exact_plan.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "src/footprint/axis_geometry.h"
#include "src/plan/network_plan.h"
#include "src/plan/planner.h"
#include "src/transform/resize.h"

namespace sectile::internal {

namespace {

constexpr std::size_t kFastest = 1;  // of a plan's alternatives
constexpr std::size_t kLeanest = 2;

PlanTask without_limit(PlanTask task) {
  task.memory_bytes = std::numeric_limits<std::int64_t>::max() / 2;
  task.own_memory_bytes = 0;
  return task;
}

// A method that takes statistics: a plan for each of its stages, or one run of all of it.
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
    PlanTask whole_task = without_limit(task_);
    whole_task.mode = Mode::whole;
    whole_task.tile.reset();
    whole_task.step_rows.reset();
    auto whole = plan_whole(whole_task);
    if (!whole) return whole;
    auto staged = plan_stages();
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
    return {};
  }

  Result<PlanData> plan_whole(const PlanTask& task) const {
    return plan_network(
        program_, info_.name,
        {.graph = *data_.method->graph, .footprint = *data_.footprint, .extended = extended_},
        image_, task);
  }

  Result<PlanData> plan_stage(std::size_t index, const PlanTask& task) const {
    const MethodStage& stage = data_.stages[index];
    PlanTask own = task;
    NetworkToPlan network{
        .graph = *stage.method.graph, .footprint = stage.footprint, .extended = extended_};
    if (!stage.sums.empty()) {
      own.window.reset();
      own.sink_bytes = 0;
      own.output_type = PixelType::f32;
      network.is_summed = true;
      network.held_bytes = held_bytes_;
      for (const Sum& sum : stage.sums) {
        if (sum.group_channels > 1) network.kept_channels += sum.channels.size();
      }
    }
    network.held_bytes += bytes_between(index);
    auto plan = plan_network(program_, info_.name, network, image_, own);
    if (!plan) return plan;
    plan->stage = index;
    plan->passes = {pass_of(*plan, plan->work / whole_work_)};
    for (const Sum& sum : stage.sums) plan->passes[0].statistics += sum.channels.size();
    if (!stage.sums.empty()) plan->passes[0].pixels = plan->output.area();
    return plan;
  }

  // Of the program that computes what the stage takes of earlier statistics.
  std::int64_t bytes_between(std::size_t index) const {
    std::vector<ValueId> made;
    for (std::size_t i = 0; i < index; ++i) {
      for (const KnownStatistic& known : data_.stages[i].known) made.push_back(known.statistic);
      for (const Sum& sum : data_.stages[i].sums) made.push_back(sum.statistic);
    }
    std::vector<ValueId> wanted;
    for (const KnownStatistic& known : data_.stages[index].known) {
      wanted.push_back(known.statistic);
    }
    const StatisticsGraph between = statistics_graph(data_.apart, made, wanted);
    return between.outputs.empty() ? 0 : session_memory(between.graph).total();
  }

  // The last one first: what its sink holds is there in all of them.
  Result<std::vector<PlanData>> plan_each(const PlanTask& task) {
    std::vector<PlanData> plans(data_.stages.size());
    held_bytes_ = 0;
    for (std::size_t i = plans.size(); i-- > 0;) {
      auto plan = plan_stage(i, task);
      if (!plan) return fail(plan.error());
      if (i + 1 == plans.size()) held_bytes_ = plan->output_image.held_bytes;
      plans[i] = std::move(*plan);
    }
    return plans;
  }

  Result<PlanData> plan_stages() {
    auto plans = plan_each(task_);
    if (!plans && plans.error().code == ErrorCode::over_budget) return fail(least_limit());
    if (!plans) return fail(plans.error());
    PlanData all = std::move(plans->back());
    plans->pop_back();
    std::vector<PlannedPass> passes;
    for (const PlanData& stage : *plans) {
      passes.push_back(stage.passes[0]);
      all.seconds += stage.seconds;
      all.work += stage.work;
      if (stage.memory.total() > all.memory.total()) all.memory = stage.memory;
    }
    passes.push_back(all.passes[0]);
    all.passes = std::move(passes);
    all.compute_ratio = all.work / whole_work_;
    all.statistics = task_.statistics;
    if (task_.statistics == StatisticsMode::accurate) {
      all.output_image.approximation =
          "statistics added up in double precision; not the bits of a whole-image run";
    }
    all.earlier_stages = std::move(*plans);
    return all;
  }

  // Of the stage that needs the most.
  Error least_limit() {
    const auto plans = plan_each(without_limit(task_));
    if (!plans) return plans.error();
    PlannedMemory most;
    for (const PlanData& plan : *plans) {
      most.process_bytes = std::max(most.process_bytes, plan.alternatives[kLeanest].peak_bytes);
    }
    return over_budget(most, memory_limit_of(task_, process_bytes(*program_.file, task_)));
  }

  // The stages' alternatives together, against the chosen plan.
  static PlanAlternative together(const PlanData& staged, std::size_t which) {
    PlanAlternative sum = staged.alternatives[which];
    double seconds = sum.time * last_seconds(staged);
    for (const PlanData& stage : staged.earlier_stages) {
      seconds += stage.alternatives[which].time * stage.seconds;
      sum.peak_bytes = std::max(sum.peak_bytes, stage.alternatives[which].peak_bytes);
    }
    sum.time = seconds;
    sum.fits = sum.peak_bytes + sum.peak_bytes / 64 <= staged.memory_limit_bytes;
    return sum;
  }

  static double last_seconds(const PlanData& staged) {
    double seconds = staged.seconds;
    for (const PlanData& stage : staged.earlier_stages) seconds -= stage.seconds;
    return seconds;
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
    if (!is_asked_for || !fits(whole)) return false;
    const Weighing weighing{std::min(whole.seconds, staged.seconds), whole.memory,
                            !has_limit(task_)};
    return weighing.score(whole.seconds, whole.memory) <
           weighing.score(staged.seconds, staged.memory);
  }

  const Program& program_;
  const MethodInfo& info_;
  const MethodData& data_;
  const ImageInfo& image_;
  const PlanTask& task_;
  Size extended_;
  double whole_work_ = 1;
  std::int64_t held_bytes_ = 0;
};

}  // namespace

Result<PlanData> plan_exact(const Program& program, const MethodInfo& info, const MethodData& data,
                            const ImageInfo& image, const PlanTask& options) {
  if (auto status = check_image(info, image); !status) return fail(status.error());
  if (data.stages.empty()) {
    return plan_network(program, info.name,
                        {.graph = *data.method->graph, .footprint = *data.footprint}, image,
                        options);
  }
  return StagedPlanMaker(program, info, data, image, options).make();
}

}  // namespace sectile::internal
