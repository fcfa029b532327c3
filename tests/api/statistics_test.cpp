// Networks that take statistics of the whole image, through the front door.
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"
#include "tests/api/windows.h"

namespace sectile::internal {
namespace {

PlanOptions accurately(Mode mode, int threads) {
  PlanOptions options;
  options.mode = mode;
  options.threads = threads;
  options.statistics = StatisticsMode::accurate;
  return options;
}

TEST(Statistics, InspectAndPlanSayHowManyPassesThereAre) {
  const Model model = open_model("channel_attention");
  EXPECT_EQ(model.methods()[0].passes, 4);
  const NoiseImage image(model, {70, 90});
  PlanOptions options;
  options.mode = Mode::stream;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->passes().size(), 4U);
  std::int64_t steps = 0;
  double work = 0;
  for (const PlannedPass& pass : plan->passes()) {
    steps += pass.steps;
    work += pass.compute_ratio;
    EXPECT_LE(pass.peak_bytes, plan->predicted_peak_bytes());
  }
  EXPECT_EQ(plan->passes()[0].statistics, 4);
  EXPECT_EQ(plan->passes()[0].pixels, 70 * 90);
  EXPECT_EQ(plan->passes()[3].statistics, 0);
  EXPECT_EQ(plan->steps(), steps);
  EXPECT_NEAR(plan->compute_ratio(), work, 1e-9);
  EXPECT_EQ(plan->input_window(), Rect::of({70, 90}));
}

TEST(Statistics, ProgressCountsTheStepsOfAllPasses) {
  const Model model = open_model("squeeze_excite_up");
  const NoiseImage image(model, {70, 90});
  PlanOptions plan_options;
  plan_options.mode = Mode::stream;
  const auto plan = make_plan(model, image.info(), plan_options);
  ASSERT_TRUE(plan) << plan.error().message;
  std::int64_t last = 0;
  RunOptions options;
  options.on_progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.steps_done, last + 1);
    EXPECT_EQ(progress.steps_total, plan->steps());
    last = progress.steps_done;
  };
  MemorySource source = image.source();
  MemorySink sink(plan->output_info());
  ASSERT_TRUE(run(model, *plan, source, sink, options));
  EXPECT_EQ(last, plan->steps());
}

TEST(Statistics, ARunnerTakesEachImageByItself) {
  const Model model = open_model("instance_norm_unet");
  const NoiseImage first(model, {64, 48}, "", 1);
  const NoiseImage second(model, {64, 48}, "", 2);
  const auto plan = make_plan(model, first.info());
  ASSERT_TRUE(plan) << plan.error().message;
  auto runner = Runner::prepare(*plan);
  ASSERT_TRUE(runner) << runner.error().message;
  for (const NoiseImage* image : {&first, &second, &first}) {
    MemorySource source = image->source();
    MemorySink sink(plan->output_info());
    ASSERT_TRUE(runner->run(source, sink));
    const auto alone = run_in_memory(model, *plan, source);
    EXPECT_TRUE(same_bits({sink.pixels().begin(), sink.pixels().end()}, alone));
  }
}

// What passes keep for each other changes no bit: of all of the output, and of windows of it.
TEST(Statistics, AreTheSameWhateverIsKept) {
  for (const std::string name : {"instance_norm_unet", "squeeze_excite_scales", "guided_gate"}) {
    const Model model = open_model(name);
    const NoiseImage image(model, size_for(model, {67, 58}));
    PlanOptions options;
    options.mode = Mode::whole;
    const auto whole = make_plan(model, image.info(), options);
    ASSERT_TRUE(whole) << whole.error().message;
    MemorySource source = image.source();
    const auto expected = run_in_memory(model, *whole, source);
    for (const KeepMode keep : {KeepMode::none, KeepMode::memory, KeepMode::file}) {
      for (const bool in_tiles : {false, true}) {
        options = in_tiles ? tiles_of({40, 40}, 2) : PlanOptions{};
        if (!in_tiles) options.mode = Mode::stream;
        options.keep = keep;
        const auto plan = make_plan(model, image.info(), options);
        ASSERT_TRUE(plan) << plan.error().message;
        EXPECT_EQ(plan->keep(), keep);
        EXPECT_EQ(plan->temp_bytes() > 0, keep == KeepMode::file);
        EXPECT_EQ(plan->memory().kept_bytes > 0, keep == KeepMode::memory);
        EXPECT_TRUE(same_bits(run_in_memory(model, *plan, source), expected)) << name;
        options.window = Rect{{11, 37}, {5, 50}};
        const auto part = make_plan(model, image.info(), options);
        ASSERT_TRUE(part) << part.error().message;
        EXPECT_EQ(part->output_size(), (Size{26, 45}));
        EXPECT_TRUE(same_bits(
            run_in_memory(model, *part, source),
            part_of(expected, whole->output_size(), whole->output_info().bands, *options.window)))
            << name;
      }
    }
  }
}

TEST(Statistics, AreKeptWhereThatIsLessWork) {
  const Model model = open_model("channel_attention");
  const NoiseImage image(model, {70, 90});
  PlanOptions options;
  options.mode = Mode::stream;
  options.keep = KeepMode::none;
  const auto again = make_plan(model, image.info(), options);
  options.keep = KeepMode::memory;
  const auto kept = make_plan(model, image.info(), options);
  ASSERT_TRUE(again && kept);
  EXPECT_LT(kept->compute_ratio(), again->compute_ratio());
  EXPECT_EQ(kept->passes().front().kept_images_read, 0);
  EXPECT_GT(kept->passes().front().kept_bytes, 0);
  EXPECT_GT(kept->passes().back().kept_images_read, 0);
}

TEST(Statistics, AreNotKeptBeyondTheLimitOfTheFolder) {
  const Model model = open_model("instance_norm_unet");
  const NoiseImage image(model, {200, 180});
  PlanOptions options;
  options.keep = KeepMode::file;
  options.temp_limit_bytes = 1000;
  options.temp_folder = "/some/folder";
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(plan.error().message.find("'/some/folder'"), std::string::npos);
  options.keep = KeepMode::automatic;
  options.mode = Mode::stream;
  const auto otherwise = make_plan(model, image.info(), options);
  ASSERT_TRUE(otherwise) << otherwise.error().message;
  EXPECT_NE(otherwise->keep(), KeepMode::file);
}

TEST(Statistics, AreKeptInWaysThatThereAre) {
  const Model model = open_model("instance_norm_unet");
  const NoiseImage image(model, {64, 48});
  for (const auto& [keep, limit] :
       {std::pair{KeepMode{9}, std::int64_t{0}}, std::pair{KeepMode::file, std::int64_t{-1}}}) {
    PlanOptions options;
    options.keep = keep;
    options.temp_limit_bytes = limit;
    const auto plan = make_plan(model, image.info(), options);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
  }
}

TEST(Statistics, ThatAreKeptTakeStepsOfAnyLength) {
  const Model model = open_model("instance_norm_unet");
  const NoiseImage image(model, {64, 48});
  PlanOptions options;
  options.keep = KeepMode::memory;
  options.step_rows = std::int64_t{1} << 62;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->rows().size(), 1U);
}

TEST(Statistics, OfAFolderThatIsGoneAreAnError) {
  const Model model = open_model("instance_norm_unet");
  const NoiseImage image(model, {64, 48});
  PlanOptions options;
  options.keep = KeepMode::file;
  options.mode = Mode::stream;
  options.temp_folder = "/there/is/no/such/folder";
  options.temp_limit_bytes = std::int64_t{1} << 30;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource source = image.source();
  MemorySink sink(plan->output_info());
  const auto report = run(model, *plan, source, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::io);
  EXPECT_FALSE(sink.finished());
}

TEST(Statistics, ThatAreAccurateDoNotDependOnThePlan) {
  const Model model = open_model("whitened");
  const NoiseImage image(model, {83, 71});
  std::vector<float> first;
  for (const Mode mode : {Mode::stream, Mode::tile, Mode::automatic}) {
    for (const int threads : {1, 3}) {
      const auto plan = make_plan(model, image.info(), accurately(mode, threads));
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_TRUE(plan->approximate());
      EXPECT_NE(plan->output_info().approximation.find("double precision"), std::string::npos);
      MemorySource source = image.source();
      const auto pixels = run_in_memory(model, *plan, source);
      if (first.empty()) first = pixels;
      EXPECT_TRUE(same_bits(pixels, first));
    }
  }
}

TEST(Statistics, ThatAreAccurateAreTheMeanInDouble) {
  const Model model = open_model("mean_alone");  // x - mean(x)
  const NoiseImage image(model, {61, 47});
  const auto plan = make_plan(model, image.info(), accurately(Mode::stream, 2));
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource source = image.source();
  const auto made = run_in_memory(model, *plan, source);
  std::vector<float> pixels(made.size());
  ASSERT_TRUE(source.read(Rect::of(image.info().size), pixels));
  const auto count = static_cast<std::size_t>(image.info().size.area());
  for (std::size_t band = 0; band < pixels.size() / count; ++band) {
    const float* const values = &pixels[band * count];
    const double mean = std::accumulate(values, values + count, 0.0) / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_NEAR(made[band * count + i], values[i] - mean, 1e-6);
    }
  }
}

TEST(Statistics, ThatAreAccurateAreNoWholeImageRunAndNotVerified) {
  const Model model = open_model("squeeze_excite");
  const NoiseImage image(model, {61, 47});
  const auto whole = make_plan(model, image.info(), accurately(Mode::whole, 1));
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, ErrorCode::invalid_argument);
  const auto plan = make_plan(model, image.info(), accurately(Mode::automatic, 1));
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource source = image.source();
  const auto report = verify(model, *plan, source);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::invalid_argument);
}

TEST(Statistics, OfNetworksThatTakeNoneChangeNothing) {
  const Model model = open_model("unet2");
  const NoiseImage image(model, {64, 48});
  const auto plan = make_plan(model, image.info(), accurately(Mode::automatic, 1));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_FALSE(plan->approximate());
}

TEST(Statistics, NamesTheLeastLimitOfAllPasses) {
  const Model model = open_model("group_norm");  // keeps its channels
  const NoiseImage image(model, {800, 700});
  PlanOptions options;
  options.memory_bytes = 1 << 20;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::over_budget);
  const std::string& message = plan.error().message;
  const auto at = message.find("--memory ");
  ASSERT_NE(at, std::string::npos) << message;
  options.memory_bytes = std::stoll(message.substr(at + 9)) << 20;
  EXPECT_TRUE(make_plan(model, image.info(), options)) << message;
}

}  // namespace
}  // namespace sectile::internal
