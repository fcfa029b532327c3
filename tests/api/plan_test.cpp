#include "sectile/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/api/images.h"
#include "tests/support/sanitizers.h"

namespace sectile::internal {
namespace {

ImageInfo image_of(Size size, int bands) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  info.pixel_type = PixelType::u8;
  return info;
}

int bands_of(const Model& model) { return static_cast<int>(model.methods()[0].input.channels); }

// Fails the test unless there is such an error and its message has that part.
void expect_error(const Result<Plan>& plan, ErrorCode code, const std::string& part) {
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, code) << plan.error().message;
  EXPECT_NE(plan.error().message.find(part), std::string::npos) << plan.error().message;
}

// The number behind `mark` in a message.
std::int64_t number_after(const std::string& text, const std::string& mark) {
  const std::size_t at = text.rfind(mark);
  return at == std::string::npos ? -1 : std::atoll(text.c_str() + at + mark.size());
}

TEST(MakePlan, RefusesBandsThatAreNotTheNetworks) {
  const Model model = open_model("unet1");
  const int bands = bands_of(model);
  expect_error(make_plan(model, image_of({64, 64}, bands + 1)), ErrorCode::invalid_argument,
               std::to_string(bands + 1) + " bands");
}

TEST(MakePlan, RefusesImagesWithoutPixelsAndOfAbsurdSize) {
  const Model model = open_model("unet1");
  const int bands = bands_of(model);
  for (const Size size : {Size{0, 10}, {10, 0}, {-5, 10}}) {
    expect_error(make_plan(model, image_of(size, bands)), ErrorCode::invalid_argument,
                 "has no pixels");
  }
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  for (const Size size : {Size{kHuge, kHuge}, {kHuge, 1 << 20}, {1 << 20, kHuge}}) {
    expect_error(make_plan(model, image_of(size, bands)), ErrorCode::invalid_argument, "");
  }
}

TEST(MakePlan, NamesTheSmallestUsefulTile) {
  const Model model = open_model("unet2_positive");
  const ImageInfo image = image_of({300, 400}, bands_of(model));
  const auto refused = make_plan(model, image, tiles_of({4, 4}));
  expect_error(refused, ErrorCode::invalid_argument, "too small");
  const std::int64_t width = number_after(refused.error().message, " is ");
  const std::int64_t height = number_after(refused.error().message, "x");
  ASSERT_GT(width, 4);
  ASSERT_GT(height, 4);
  const auto plan = make_plan(model, image, tiles_of({height, width}));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tile_size(), (Size{height, width}));
  expect_error(make_plan(model, image, tiles_of({height - 1, width})), ErrorCode::invalid_argument,
               "too small");
  expect_error(make_plan(model, image, tiles_of({height, width - 1})), ErrorCode::invalid_argument,
               "too small");
}

TEST(MakePlan, RefusesATileOfTheWholeMode) {
  const Model model = open_model("unet1");
  PlanOptions options = tiles_of({64, 64});
  options.mode = Mode::whole;
  expect_error(make_plan(model, image_of({100, 100}, bands_of(model)), options),
               ErrorCode::invalid_argument, "exclude");
}

TEST(MakePlan, NamesTheMemoryThatWouldDo) {
  const Model model = open_model("denoiser");
  const ImageInfo image = image_of({2000, 2000}, bands_of(model));
  PlanOptions options;
  options.threads = 2;
  options.process_bytes = 16 << 20;  // measured, it could grow between the two plans
  options.memory_bytes = 1 << 20;
  const auto refused = make_plan(model, image, options);
  expect_error(refused, ErrorCode::over_budget, "smallest limit");
  const std::int64_t least_mib = number_after(refused.error().message, "--memory ");
  ASSERT_GT(least_mib, 1);
  options.memory_bytes = least_mib << 20;
  const auto plan = make_plan(model, image, options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_LE(plan->predicted_peak_bytes(), options.memory_bytes);
}

TEST(MakePlan, SharesLimitsBetweenRunsAtATime) {
  const Model model = open_model("denoiser");
  const ImageInfo image = image_of({2000, 2000}, bands_of(model));
  PlanOptions options;
  options.threads = 7;
  options.process_bytes = 16 << 20;
  options.memory_bytes = 200 << 20;
  const auto alone = make_plan(model, image, options);
  ASSERT_TRUE(alone) << alone.error().message;
  options.concurrent_runs = 3;
  const auto one_of_three = make_plan(model, image, options);
  ASSERT_TRUE(one_of_three) << one_of_three.error().message;
  EXPECT_LE(one_of_three->workers(), 2);
  const std::int64_t process_bytes = one_of_three->memory().process_bytes;
  EXPECT_EQ(one_of_three->memory_limit_bytes() - process_bytes,
            (options.memory_bytes - process_bytes) / 3);
  EXPECT_LE(one_of_three->predicted_peak_bytes(), one_of_three->memory_limit_bytes());
  options.concurrent_runs = 8;
  options.memory_bytes = 20 << 20;
  const auto refused = make_plan(model, image, options);
  expect_error(refused, ErrorCode::over_budget, "the share of each of 8 runs at a time");
  options.memory_bytes = number_after(refused.error().message, "--memory ") << 20;
  const auto one_of_eight = make_plan(model, image, options);
  ASSERT_TRUE(one_of_eight) << one_of_eight.error().message;
  EXPECT_EQ(one_of_eight->workers(), 1);
  options.concurrent_runs = 0;
  expect_error(make_plan(model, image, options), ErrorCode::invalid_argument, "runs at a time");
}

TEST(MakePlan, KeepsWithinTheMemoryForAnyBudget) {
  const Model model = open_model("unet2");
  const ImageInfo image = image_of({3000, 2000}, bands_of(model));
  bool planned = false;
  for (std::int64_t mib = 40; mib <= 1280; mib = mib * 5 / 4) {
    PlanOptions options;
    options.threads = 4;
    options.memory_bytes = mib << 20;
    const auto plan = make_plan(model, image, options);
    if (!plan) {
      EXPECT_EQ(plan.error().code, ErrorCode::over_budget) << plan.error().message;
      EXPECT_FALSE(planned) << "less memory did, and " << mib << " MiB do not";
      continue;
    }
    planned = true;
    EXPECT_LE(plan->predicted_peak_bytes(), options.memory_bytes);
  }
  EXPECT_TRUE(planned);
}

TEST(MakePlan, KnowsTheMethodsNames) {
  const Model model = open_model("export_methods");
  const ImageInfo image = image_of({50, 50}, bands_of(model));
  PlanOptions options = tiles_of({32, 32});
  expect_error(make_plan(model, image, options), ErrorCode::not_found, "small");
  options.method = "medium";
  expect_error(make_plan(model, image, options), ErrorCode::not_found, "no method 'medium'");
  options.method = "small";
  EXPECT_TRUE(make_plan(model, image, options));
}

TEST(MakePlan, SaysWhyANetworkCannotBeCut) {
  const Model pooled = open_model("refused_global_pool");
  expect_error(make_plan(pooled, image_of({64, 64}, bands_of(pooled))), ErrorCode::not_exact,
               "no image");
  const Model portable = open_model("refused_portable");
  expect_error(make_plan(portable, image_of({64, 64}, bands_of(portable))), ErrorCode::unsupported,
               "aten::convolution");
}

TEST(MakePlan, CoversTheOutputOnce) {
  for (const char* name : {"unet2", "efficient_sub_pixel", "conv_valid", "down_up_k4s2"}) {
    SCOPED_TRACE(name);
    const Model model = open_model(name);
    const auto plan = make_plan(model, image_of({211, 173}, bands_of(model)), tiles_of({80, 96}));
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_GT(plan->lanes(), 1);
    EXPECT_GE(plan->compute_ratio(), 1);
    for (const auto& [spans, length] : {std::pair(plan->rows(), plan->output_size().height),
                                        std::pair(plan->columns(), plan->output_size().width)}) {
      std::int64_t covered = 0;
      for (const AxisTile& span : spans) {
        EXPECT_EQ(span.output.begin, covered);
        EXPECT_GT(span.output.size(), 0);
        covered = span.output.end;
      }
      EXPECT_EQ(covered, length);
    }
    EXPECT_NE(plan->to_string().find("memory"), std::string::npos);
  }
}

TEST(MakePlan, ScalesTheGeotransform) {
  const Model model = open_model("efficient_sub_pixel");
  const MethodInfo& method = model.methods()[0];
  ImageInfo image = image_of({64, 64}, bands_of(model));
  image.geo.transform = {1000, 10, 0, 2000, 0, -10};
  const auto plan = make_plan(model, image, tiles_of({64, 64}));
  ASSERT_TRUE(plan) << plan.error().message;
  const double factor =
      static_cast<double>(method.scale.x.num) / static_cast<double>(method.scale.x.den);
  ASSERT_GT(factor, 1);
  const auto& transform = *plan->output_info().geo.transform;
  EXPECT_EQ(transform[0], 1000);
  EXPECT_EQ(transform[1], 10 / factor);
  EXPECT_EQ(transform[3], 2000);
  EXPECT_EQ(transform[5], -10 / factor);
}

}  // namespace
}  // namespace sectile::internal
