// What runs of every mode are held to.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "tests/api/images.h"
#include "tests/image/faulty.h"

namespace sectile::internal {

// The bits of a whole-image run, from plans for 1 to `most_workers` workers, with a source and a
// sink that wait for random times. `check` looks at each plan.
inline void expect_no_dependence_on_workers_or_timing(
    const Model& model, const std::function<PlanOptions(int workers)>& options_for,
    int most_workers, const std::function<void(const Plan&)>& check) {
  constexpr std::chrono::microseconds kLongestWait{500};
  const NoiseImage image(model, {83, 71});
  MemorySource source = image.source();
  const auto whole_plan = make_plan(model, image.info(), whole_image());
  ASSERT_TRUE(whole_plan) << whole_plan.error().message;
  const auto whole = run_in_memory(model, *whole_plan, source);
  for (int workers = 1; workers <= most_workers; ++workers) {
    const auto plan = make_plan(model, image.info(), options_for(workers));
    ASSERT_TRUE(plan) << plan.error().message;
    check(*plan);
    testing::FaultySource slow_source(source, {.longest_wait = kLongestWait});
    MemorySink sink(plan->output_info());
    testing::FaultySink slow_sink(sink, {.longest_wait = kLongestWait, .seed = 2});
    const auto report = run(model, *plan, slow_source, slow_sink);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(same_bits({sink.pixels().begin(), sink.pixels().end()}, whole)) << workers;
  }
}

// Sets the stop flag when `stop_at` steps are done; returns how many were done in the end.
inline std::int64_t steps_until_stopped(const Model& model, const Plan& plan,
                                        const NoiseImage& image, std::int64_t stop_at) {
  std::atomic<bool> stop = false;
  std::int64_t steps_done = 0;
  RunOptions options;
  options.stop = &stop;
  options.on_progress = [&](const Progress& progress) {
    steps_done = progress.steps_done;
    if (steps_done == stop_at) stop = true;
  };
  MemorySource source = image.source();
  MemorySink sink(plan.output_info());
  const auto report = run(model, plan, source, sink, options);
  EXPECT_FALSE(report);
  if (!report) {
    EXPECT_EQ(report.error().code, ErrorCode::cancelled);
  }
  EXPECT_FALSE(sink.finished());
  return steps_done;
}

}  // namespace sectile::internal
