// Streamed equals whole, bit for bit, on ExecuTorch, through plans and the pipeline: for every
// network, step, number of lanes and timing. (tests/run/stream_lane_test.cpp does it lane by lane.)
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"
#include "tests/api/run_checks.h"

namespace sectile::internal {
namespace {

// Plans and compares with the whole image; returns the plan.
Plan verify_stream(const Model& model, const NoiseImage& image, const PlanOptions& options) {
  const auto plan = make_plan(model, image.info(), options);
  if (!plan) throw std::runtime_error(plan.error().message);  // gtest reports it
  EXPECT_EQ(plan->mode(), Mode::stream);
  MemorySource source = image.source();
  const auto report = verify(model, *plan, source);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  if (!report) return *plan;
  EXPECT_EQ(report->values, plan->output_size().area() * plan->output_info().bands);
  EXPECT_EQ(report->differing, 0) << to_string(image.info().size) << ", steps of "
                                  << to_string(plan->tile_size()) << ", " << plan->lanes()
                                  << " lanes";
  return *plan;
}

TEST(Stream, GivesTheWholeImagesBitsForEveryNetwork) {
  int networks = 0;
  for (const auto& network : test::exact_programs()) {
    SCOPED_TRACE(network.name);
    const Model model = test::open_fixed(network);
    if (model.methods().size() > 1 || !network.streams) continue;
    const MethodInfo& method = model.methods()[0];
    const auto stream = stream_info(model);
    ASSERT_TRUE(stream) << stream.error().message;
    const std::int64_t grid = method.align.y;
    // Neither multiple of the steps nor of the grid; less than what lags; one step for all.
    const auto image = [&](Size size) { return NoiseImage(model, size_for(model, size)); };
    verify_stream(model, image({61, 47}), stream_of(grid, 2));
    verify_stream(model, image({64, 33}), stream_of(3 * grid, 3));
    verify_stream(model, image({9, 40}), stream_of(2 * grid, 1));
    verify_stream(model, image({50, 31}), stream_of(64 / grid * grid + grid, 4));
    ++networks;
  }
  EXPECT_GT(networks, 150);
}

TEST(Stream, IsRefusedWhereItWouldRoundOtherwise) {
  int networks = 0;
  for (const auto& network : test::exact_programs()) {
    if (network.streams) continue;
    SCOPED_TRACE(network.name);
    const Model model = open_model(network.name);
    const NoiseImage image(model, {61, 48});
    const auto stream = make_plan(model, image.info(), stream_of(model.methods()[0].align.y, 1));
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, ErrorCode::unsupported);
    const char* op = network.name == "int8_clamp" ? "XNNClamp" : "XNNStaticResizeBilinear2D";
    EXPECT_NE(stream.error().message.find(op), std::string::npos) << stream.error().message;
    const auto plan = make_plan(model, image.info());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_NE(plan->mode(), Mode::stream);
    MemorySource source = image.source();
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->differing, 0);
    ++networks;
  }
  EXPECT_EQ(networks, 3);
}

class StreamOf : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Networks, StreamOf,
                         ::testing::Values("unet2_positive", "denoiser", "efficient_sub_pixel",
                                           "export_channels_last_unet", "pixel_unshuffle_shuffle",
                                           "bilinear_up2_positive", "feature_pyramid",
                                           "inception"));

TEST_P(StreamOf, DoesNotDependOnLanesOrTiming) {
  const Model model = open_model(GetParam());
  const std::int64_t grid = model.methods()[0].align.y;
  expect_no_dependence_on_workers_or_timing(
      model, [&](int workers) { return stream_of(2 * grid, workers); }, 6,
      [](const Plan& plan) { ASSERT_EQ(plan.mode(), Mode::stream); });
}

TEST_P(StreamOf, TakesImagesOfAnySize) {
  const Model model = open_model(GetParam());
  const std::int64_t grid = model.methods()[0].align.y;
  for (const Size size : {Size{1, 1}, {1, 50}, {50, 1}, {2, 3}, {7, 5}, {33, 29}, {64, 65}}) {
    verify_stream(model, NoiseImage(model, size), stream_of(2 * grid, 2));
  }
}

TEST_P(StreamOf, ComputesNothingTwiceInOneLane) {
  const Model model = open_model(GetParam());
  const std::int64_t grid = model.methods()[0].align.y;
  const NoiseImage image(model, {160, 96});
  const Plan one = verify_stream(model, image, stream_of(4 * grid, 1));
  EXPECT_LE(one.compute_ratio(), 1.03);  // transposes that planar programs do without
  const Plan two = verify_stream(model, image, stream_of(4 * grid, 2));
  EXPECT_EQ(two.lanes(), 2);
  EXPECT_GE(two.compute_ratio(), one.compute_ratio());
}

// Where the image is extended, the last lane may lie beyond what is kept of the output.
TEST_P(StreamOf, HasAWorkerForEachLane) {
  const Model model = open_model(GetParam());
  const MethodInfo& method = model.methods()[0];
  for (std::int64_t width = 1; width <= 4 * method.align.x + 1; ++width) {
    const Plan plan =
        verify_stream(model, NoiseImage(model, {9, width}), stream_of(method.align.y, 7));
    EXPECT_EQ(plan.workers(), std::ssize(plan.columns()));
    EXPECT_EQ(plan.columns().back().output.end, plan.output_size().width);
  }
}

TEST_P(StreamOf, TakesStepsHigherThanTheImage) {
  const Model model = open_model(GetParam());
  const NoiseImage image(model, {40, 30});
  const std::int64_t grid = model.methods()[0].align.y;
  const Plan plan = verify_stream(model, image, stream_of(grid << 40, 1));
  EXPECT_LE(plan.tile_size().height, 40 + grid);
}

// Each row of the image is taken up once and each row of the output made once, in order.
TEST_P(StreamOf, PlansStepsThatCoverTheImageAndTheOutput) {
  const Model model = open_model(GetParam());
  const std::int64_t grid = model.methods()[0].align.y;
  for (const std::int64_t height : {3, 64, 101, 500}) {
    const NoiseImage image(model, {height, 40});
    const auto plan = make_plan(model, image.info(), stream_of(2 * grid, 3));
    ASSERT_TRUE(plan) << plan.error().message;
    Range taken;
    Range made;
    for (const AxisTile& step : plan->rows()) {
      if (!step.input.empty()) {
        EXPECT_EQ(step.input.begin, taken.end);
        taken.end = step.input.end;
      }
      if (!step.output.empty()) {
        EXPECT_EQ(step.output.begin, made.end);
        made.end = step.output.end;
      }
    }
    EXPECT_GE(taken.end, std::min(height, plan->extended_size().height - grid));
    EXPECT_EQ(made.end, plan->output_size().height);
  }
}

TEST(Stream, RefusesStepsOffTheGrid) {
  const Model model = open_model("unet2");
  const auto plan = make_plan(model, NoiseImage(model, {64, 64}).info(), stream_of(6, 1));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(plan.error().message.find("multiple of 4"), std::string::npos) << plan.error().message;
}

TEST(Stream, RefusesStepsBesideTilesAndTheWhole) {
  const Model model = open_model("denoiser");
  const ImageInfo image = NoiseImage(model, {64, 64}).info();
  PlanOptions options = stream_of(8, 1);
  options.mode = Mode::whole;
  EXPECT_EQ(make_plan(model, image, options).error().code, ErrorCode::invalid_argument);
  options.mode = Mode::automatic;
  options.tile = Size{32, 32};
  EXPECT_EQ(make_plan(model, image, options).error().code, ErrorCode::invalid_argument);
  options.step_rows.reset();
  options.mode = Mode::stream;
  EXPECT_EQ(make_plan(model, image, options).error().code, ErrorCode::invalid_argument);
}

TEST(Stream, IsChosenForAnImageOfSomeSize) {
  const Model model = open_model("unet2");
  ImageInfo image = NoiseImage(model, {8, 8}).info();
  image.size = {3000, 2000};
  PlanOptions options;
  options.threads = 2;
  const auto plan = make_plan(model, image, options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->mode(), Mode::stream);
  EXPECT_EQ(plan->lanes(), 2);
  EXPECT_LT(plan->compute_ratio(), 1.03);
  EXPECT_EQ(plan->steps(), std::ssize(plan->rows()) * 2);
  EXPECT_GT(plan->memory().history_bytes, 0);
}

TEST(Stream, StopsWithinOneStep) {
  const Model model = open_model("denoiser");
  const NoiseImage image(model, {400, 60});
  const auto plan = make_plan(model, image.info(), stream_of(4, 2));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_LE(steps_until_stopped(model, *plan, image, 5), 7);
}

}  // namespace
}  // namespace sectile::internal
