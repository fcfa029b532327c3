// A runner gives the bits of run(), any number of times, whatever the plan.
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"

namespace sectile::internal {
namespace {

std::vector<PlanOptions> all_modes() {
  PlanOptions stream{.memory_bytes = std::int64_t{1} << 30, .threads = 2};
  stream.step_rows = 8;
  PlanOptions tight = stream;  // no session is kept
  tight.memory_bytes = 0;
  PlanOptions whole = whole_image();
  whole.threads = 2;
  return {tiles_of({48, 48}, 2), whole, stream, tight, PlanOptions{.threads = 3}};
}

TEST(Runner, GivesTheBitsOfRunForEveryFrame) {
  for (const char* name : {"four_conv", "unet2", "reflect", "float16_conv3x3", "two_inputs"}) {
    SCOPED_TRACE(name);
    const Model model = open_model(name);
    const NoiseImage first(model, {96, 80});
    for (PlanOptions options : all_modes()) {
      auto plan = make_plan(model, first.info(), options);
      ASSERT_TRUE(plan) << plan.error().message;
      auto runner = Runner::prepare(*plan);
      ASSERT_TRUE(runner) << runner.error().message;
      MemorySink sink(plan->output_info());
      for (int frame = 0; frame < 3; ++frame) {
        std::vector<float> pixels(static_cast<std::size_t>(first.info().size.area()) *
                                  static_cast<std::size_t>(first.info().bands));
        for (std::size_t i = 0; i < pixels.size(); ++i) {
          pixels[i] = static_cast<float>((i * 31 + static_cast<std::size_t>(frame) * 17) % 97) / 97;
        }
        MemorySource source(first.info(), pixels);
        const auto report = runner->run(source, sink);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(same_bits({sink.pixels().begin(), sink.pixels().end()},
                              run_in_memory(model, *plan, source)))
            << frame << plan->to_string();
      }
    }
  }
}

TEST(Runner, GoesOnAfterARunThatWasStopped) {
  const Model model = open_model("unet2");
  const NoiseImage image(model, {160, 96});
  PlanOptions options;
  options.step_rows = 8;
  options.threads = 2;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  auto runner = Runner::prepare(*plan);
  ASSERT_TRUE(runner) << runner.error().message;
  std::atomic<bool> stop = false;
  RunOptions stopped;
  stopped.stop = &stop;
  stopped.on_progress = [&](const Progress& progress) { stop = progress.steps_done == 5; };
  MemorySource source = image.source();
  MemorySink sink(plan->output_info());
  EXPECT_EQ(runner->run(source, sink, stopped).error().code, ErrorCode::cancelled);
  ASSERT_TRUE(runner->run(source, sink));
  EXPECT_TRUE(
      same_bits({sink.pixels().begin(), sink.pixels().end()}, run_in_memory(model, *plan, source)));
}

TEST(Plan, TakesAllThreadsForAWholeImage) {
  const Model model = open_model("four_conv");
  const NoiseImage image(model, {96, 80});
  PlanOptions options = whole_image();
  const auto one = make_plan(model, image.info(), options);
  options.threads = 4;
  const auto four = make_plan(model, image.info(), options);
  ASSERT_TRUE(one && four);
  EXPECT_EQ(one->threads(), 1);
  EXPECT_EQ(four->threads(), 4);
  EXPECT_EQ(four->workers(), 1);
  EXPECT_EQ(four->alternatives().back().threads, 4);
  MemorySource source = image.source();
  EXPECT_TRUE(same_bits(run_in_memory(model, *four, source), run_in_memory(model, *one, source)));
}

TEST(Plan, ChargesAnApplicationForWhatItTakesItself) {
  const Model model = open_model("four_conv");
  const NoiseImage image(model, {100, 100});
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  const auto plan = make_plan(model, image.info(), {.own_memory_bytes = 16 * kMiB, .threads = 1});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_LE(plan->predicted_peak_bytes(), plan->memory_limit_bytes());
  EXPECT_LE(plan->memory_limit_bytes(), plan->memory().process_bytes + 16 * kMiB);
  const auto refused = make_plan(model, {.size = {5000, 5000}, .bands = image.info().bands},
                                 {.own_memory_bytes = kMiB, .threads = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::over_budget);
}

}  // namespace
}  // namespace sectile::internal
