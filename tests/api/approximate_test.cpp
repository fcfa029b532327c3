// Approximate runs from one end to the other: asked for and refused, the same bits for any number
// of workers, the network's own bits where tiles agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "src/plan/approximate_plan.h"
#include "tests/api/run_checks.h"

namespace sectile::internal {
namespace {

PlanOptions approximately(int threads = 1, std::optional<std::int64_t> overlap = {}) {
  PlanOptions options;
  options.mode = Mode::approximate;
  options.threads = threads;
  options.memory_bytes = std::int64_t{1} << 30;
  options.overlap_px = overlap;
  return options;
}

// Of a method that could be cut exactly: what only tests ask for.
Plan approximate_plan(const Model& model, const ImageInfo& image, const PlanOptions& options) {
  auto plan = plan_approximate(model, **model.method(), image, {options});
  if (!plan) throw std::runtime_error(plan.error().message);  // gtest reports it
  return bind_plan(std::move(*plan), model, image);
}

std::vector<float> whole_run(const Model& model, const NoiseImage& image) {
  MemorySource source = image.source();
  const auto plan = make_plan(model, image.info(), whole_image());
  EXPECT_TRUE(plan);
  return run_in_memory(model, *plan, source);
}

void expect_refused(const Result<Plan>& plan, ErrorCode code, const std::string& part) {
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, code) << plan.error().message;
  EXPECT_NE(plan.error().message.find(part), std::string::npos) << plan.error().message;
}

TEST(Approximate, IsTheExactResultWhereNoPixelReachesBeyondItself) {
  for (const std::string name : {"pointwise_only", "transposed_k2s2", "pixel_shuffle2",
                                 "pixel_unshuffle2", "add_relu", "max_pool2", "avg_pool2"}) {
    const Model model = open_model(name);
    const MethodInfo& info = model.methods()[0];
    if (!(info.reach == Reach{})) continue;
    const NoiseImage image(model,
                           {61 / info.align.y * info.align.y, 58 / info.align.x * info.align.x});
    const auto whole = whole_run(model, image);
    for (const int overlap : {0, 4, 10}) {
      MemorySource source = image.source();
      const Plan plan = approximate_plan(model, image.info(), approximately(2, overlap));
      EXPECT_GT(plan.steps(), 1) << name;
      EXPECT_TRUE(same_bits(run_in_memory(model, plan, source), whole)) << name << ' ' << overlap;
    }
  }
}

// Away from every edge of a tile by more than the network reaches, the blend is the whole image's
// bits.
TEST(Approximate, HasTheExactBitsWhereTilesAreRight) {
  const Model model = open_model("conv3x3");
  ASSERT_EQ(model.methods()[0].reach, (Reach{1, 1, 1, 1}));
  const NoiseImage image(model, {70, 65});
  const auto whole = whole_run(model, image);
  MemorySource source = image.source();
  const Plan plan = approximate_plan(model, image.info(), approximately(1, 6));
  const auto pixels = run_in_memory(model, plan, source);
  ASSERT_EQ(pixels.size(), whole.size());
  const auto spoilt = [](const std::vector<AxisTile>& tiles, std::int64_t at) {
    return std::ranges::any_of(tiles, [&](const AxisTile& tile) {
      const bool first = tile.output.begin == 0;
      const bool last = tile.output == tiles.back().output;
      return (at == tile.output.begin && !first) || (at + 1 == tile.output.end && !last);
    });
  };
  std::size_t i = 0;
  int compared = 0;
  for (int band = 0; band < plan.output_info().bands; ++band) {
    for (std::int64_t y = 0; y < plan.output_size().height; ++y) {
      for (std::int64_t x = 0; x < plan.output_size().width; ++x, ++i) {
        if (spoilt(plan.rows(), y) || spoilt(plan.columns(), x)) continue;
        ++compared;
        ASSERT_EQ(pixels[i], whole[i]) << y << ' ' << x;
      }
    }
  }
  EXPECT_GT(compared, static_cast<int>(i) / 2);
}

TEST(Approximate, TheBitsDoNotDependOnWorkersOrTiming) {
  constexpr std::chrono::microseconds kLongestWait{500};
  for (const std::string name : {"refused_softmax_over_rows", "squeeze_excite",
                                 "refused_position_embedding", "refused_int8_dynamic"}) {
    const Model model = open_model(name);
    const NoiseImage image(model, {83, 71});
    std::vector<float> first;
    std::optional<Disagreement> disagreement;
    for (int workers = 1; workers <= 3; ++workers) {
      const auto plan = make_plan(model, image.info(), approximately(workers));
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_EQ(plan->workers(), workers);
      MemorySource source = image.source();
      testing::FaultySource slow_source(source, {.longest_wait = kLongestWait});
      MemorySink sink(plan->output_info());
      testing::FaultySink slow_sink(sink, {.longest_wait = kLongestWait, .seed = 2});
      const auto report = run(model, *plan, slow_source, slow_sink);
      ASSERT_TRUE(report) << report.error().message;
      ASSERT_TRUE(report->disagreement);
      const std::vector<float> pixels{sink.pixels().begin(), sink.pixels().end()};
      if (first.empty()) {
        first = pixels;
        disagreement = report->disagreement;
      }
      EXPECT_TRUE(same_bits(pixels, first)) << name << ' ' << workers;
      EXPECT_EQ(report->disagreement->rms, disagreement->rms);
      EXPECT_EQ(report->disagreement->max, disagreement->max);
    }
    EXPECT_GT(disagreement->rms, 0) << name;
    EXPECT_LE(disagreement->max, 1) << name;
    EXPECT_LT(disagreement->rms, disagreement->max) << name;
  }
}

TEST(Approximate, OneTileOfTheImagesSizeIsNoApproximation) {
  const Model model = open_model("conv3x3");
  const NoiseImage image(model, {24, 20});
  const Plan plan = approximate_plan(model, image.info(), approximately());
  EXPECT_EQ(plan.steps(), 1);
  EXPECT_FALSE(plan.approximate());
  MemorySource source = image.source();
  MemorySink sink(plan.output_info());
  const auto report = run(model, plan, source, sink);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->disagreement);
  EXPECT_TRUE(same_bits({sink.pixels().begin(), sink.pixels().end()}, whole_run(model, image)));
}

TEST(Approximate, SmallImagesAreExtended) {
  const Model model = open_model("refused_softmax_over_rows");
  for (const Size size : {Size{1, 1}, {24, 3}, {7, 20}, {23, 21}}) {
    const NoiseImage image(model, size);
    const auto plan = make_plan(model, image.info(), approximately());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_TRUE(plan->approximate());
    EXPECT_EQ(plan->output_size(), size);
    MemorySource source = image.source();
    EXPECT_EQ(std::ssize(run_in_memory(model, *plan, source)), size.area() * 2);
  }
}

TEST(Approximate, IsRefusedForNetworksThatCanBeCut) {
  const Model model = open_model("unet2");
  const NoiseImage image(model, {64, 64});
  expect_refused(make_plan(model, image.info(), approximately()), ErrorCode::invalid_argument,
                 "can be cut exactly");
  EXPECT_EQ(approximate_tile(model).error().code, ErrorCode::invalid_argument);
}

TEST(Approximate, IsNeverTakenUnasked) {
  const Model model = open_model("refused_softmax_over_rows");
  const NoiseImage image(model, {64, 64});
  for (const Mode mode : {Mode::automatic, Mode::whole, Mode::tile, Mode::stream}) {
    PlanOptions options = approximately();
    options.mode = mode;
    expect_refused(make_plan(model, image.info(), options), ErrorCode::not_exact, "_softmax");
  }
}

TEST(Approximate, SaysWhyAProgramDoesNotRunSo) {
  for (const auto& [name, why] : {std::pair{"refused_global_pool", "1x1"},
                                  {"refused_crop", "no whole multiple"},
                                  {"refused_float16_reflect", "f32"},
                                  {"refused_linear_head", "one image each"},
                                  {"refused_inputs_of_three_to_two", "several inputs"},
                                  {"refused_vulkan", "VulkanBackend"}}) {
    const Model model = open_model(name);
    const auto tile = approximate_tile(model);
    ASSERT_FALSE(tile) << name;
    EXPECT_EQ(tile.error().code, ErrorCode::unsupported);
    EXPECT_NE(tile.error().message.find(why), std::string::npos) << tile.error().message;
  }
  EXPECT_EQ(*approximate_tile(open_model("refused_attention")), (Size{12, 10}));
}

TEST(Approximate, RefusesOptionsWithoutMeaning) {
  const Model model = open_model("refused_softmax_over_rows");
  const NoiseImage image(model, {64, 64});
  for (const std::int64_t overlap : {-1, 11, 20, 1000}) {
    expect_refused(make_plan(model, image.info(), approximately(1, overlap)),
                   ErrorCode::invalid_argument, "overlap");
  }
  PlanOptions options = approximately();
  options.tile = Size{48, 48};
  expect_refused(make_plan(model, image.info(), options), ErrorCode::invalid_argument, "20x24");
  options = approximately();
  options.step_rows = 8;
  expect_refused(make_plan(model, image.info(), options), ErrorCode::invalid_argument, "steps");
  options = tiles_of({48, 48});
  options.overlap_px = 4;
  const Model exact = open_model("unet1");
  expect_refused(make_plan(exact, NoiseImage(exact, {64, 64}).info(), options),
                 ErrorCode::invalid_argument, "overlap");
  ImageInfo bands = image.info();
  bands.bands = 3;
  expect_refused(make_plan(model, bands, approximately()), ErrorCode::invalid_argument, "3 bands");
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  for (const Size size : {Size{0, 5}, {kHuge, kHuge}, {1, 2 * kHuge}, {2 * kHuge, 1}}) {
    ImageInfo absurd = image.info();
    absurd.size = size;
    EXPECT_FALSE(make_plan(model, absurd, approximately()));
  }
}

TEST(Approximate, TheLeastMemoryIsNamedAndDoes) {
  const Model model = open_model("refused_softmax_over_rows_large");
  const NoiseImage image(model, {700, 900});
  PlanOptions options = approximately(3);
  options.memory_bytes = 1 << 20;
  const auto refused = make_plan(model, image.info(), options);
  expect_refused(refused, ErrorCode::over_budget, "smallest limit");
  const std::string& message = refused.error().message;
  const std::int64_t least = std::stoll(message.substr(message.rfind("--memory ") + 9));
  options.memory_bytes = least << 20;
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->workers(), 1);
  options.memory_bytes = (least - 1) << 20;
  EXPECT_FALSE(make_plan(model, image.info(), options));
}

TEST(Approximate, VerifyAndBenchRefuseIt) {
  const Model model = open_model("refused_softmax_over_rows");
  const NoiseImage image(model, {64, 64});
  const auto plan = make_plan(model, image.info(), approximately());
  ASSERT_TRUE(plan);
  MemorySource source = image.source();
  EXPECT_EQ(verify(model, *plan, source).error().code, ErrorCode::invalid_argument);
}

TEST(Approximate, StopsWithinOneTile) {
  const Model model = open_model("refused_softmax_over_rows");
  const NoiseImage image(model, {200, 200});
  const auto plan = make_plan(model, image.info(), approximately(2));
  ASSERT_TRUE(plan);
  EXPECT_LE(steps_until_stopped(model, *plan, image, 5), 5 + 2);
}

TEST(Approximate, ThePlanSaysSo) {
  const Model model = open_model("refused_softmax_over_rows");
  const NoiseImage image(model, {64, 64});
  const auto plan = make_plan(model, image.info(), approximately());
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->to_string().find("not the bits of a whole-image run"), std::string::npos);
  EXPECT_NE(plan->output_info().approximation.find("overlap 6x8"), std::string::npos)
      << plan->output_info().approximation;
  EXPECT_EQ(plan->overlap(), (Size{8, 6}));
}

}  // namespace
}  // namespace sectile::internal
