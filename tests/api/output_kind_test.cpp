// Kinds of output through the public functions: each way to run a plan gives the same pixels, and
// what no output can be is refused.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"

namespace sectile::internal {
namespace {

constexpr Size kSize{96, 80};

// Band after band of a whole-image run -> the largest.
std::vector<float> classes_of(const std::vector<float>& values) {
  const auto area = static_cast<std::size_t>(kSize.area());
  std::vector<float> classes(area);
  for (std::size_t i = 0; i < area; ++i) {
    std::size_t best = 0;
    for (std::size_t band = 1; band * area < values.size(); ++band) {
      if (values[band * area + i] > values[best * area + i]) best = band;
    }
    classes[i] = static_cast<float>(best);
  }
  return classes;
}

std::vector<PlanOptions> all_modes() {
  PlanOptions stream{.threads = 2};
  stream.step_rows = 8;
  return {tiles_of({48, 48}, 2), whole_image(), stream};
}

TEST(OutputKind, IsTheSameForEveryWayToRun) {
  for (const char* name : {"conv3x3", "unet2", "squeeze_excite", "channel_attention"}) {
    SCOPED_TRACE(name);
    const Model model = open_model(name);
    const NoiseImage image(model, kSize);
    MemorySource source = image.source();
    const auto values = make_plan(model, image.info(), whole_image());
    ASSERT_TRUE(values) << values.error().message;
    const std::vector<float> expected = classes_of(run_in_memory(model, *values, source));
    for (PlanOptions options : all_modes()) {
      options.output = OutputKind::argmax;
      const auto plan = make_plan(model, image.info(), options);
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_EQ(plan->output_info().bands, 1);
      EXPECT_EQ(plan->output_info().pixel_type, PixelType::u8);
      EXPECT_TRUE(plan->output_info().labels);
      EXPECT_EQ(run_in_memory(model, *plan, source), expected) << plan->to_string();
      auto runner = Runner::prepare(*plan);
      ASSERT_TRUE(runner) << runner.error().message;
      MemorySink sink(plan->output_info());
      for (int frame = 0; frame < 2; ++frame) {
        ASSERT_TRUE(runner->run(source, sink));
        EXPECT_EQ(std::vector<float>(sink.pixels().begin(), sink.pixels().end()), expected);
      }
      const auto report = verify(model, *plan, source);
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_EQ(report->differing, 0);
      EXPECT_EQ(report->values, values->output_info().size.area() * values->output_info().bands);
    }
  }
}

void expect_refused(const PlanOptions& options, const std::vector<std::string>& parts) {
  const Model model = open_model("conv3x3");
  const auto plan = make_plan(model, NoiseImage(model, kSize).info(), options);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
  for (const std::string& part : parts) {
    EXPECT_NE(plan.error().message.find(part), std::string::npos) << plan.error().message;
  }
}

TEST(OutputKind, RefusesWhatNoOutputCanBe) {
  expect_refused({.output = static_cast<OutputKind>(7)}, {"kind 7"});
  expect_refused({.output_type = PixelType::i16, .output = OutputKind::argmax}, {"i16", "u16"});
  expect_refused({.output = OutputKind::argmax, .threshold = 0.5}, {"threshold"});
  expect_refused({.threshold = std::numeric_limits<double>::quiet_NaN()}, {"nan"});
  expect_refused({.threshold = -1e200}, {"-1e+200"});
  expect_refused({.output_type = PixelType::f32, .threshold = 1}, {"f32"});
  expect_refused({.output = OutputKind::argmax, .classes = std::vector<ClassInfo>(2)},
                 {"2 classes", "3 bands"});
}

TEST(OutputKind, RefusesAScaleOfClasses) {
  const Model model = open_model("conv3x3");
  const NoiseImage image(model, kSize);
  for (const PlanOptions& options :
       {PlanOptions{.output = OutputKind::argmax}, PlanOptions{.threshold = 0.5}}) {
    const auto plan = make_plan(model, image.info(), options);
    ASSERT_TRUE(plan) << plan.error().message;
    MemorySource source = image.source();
    MemorySink sink(plan->output_info());
    RunOptions scaled;
    scaled.output.scale = {2};
    const auto report = run(model, *plan, source, sink, scaled);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::invalid_argument);
    EXPECT_FALSE(sink.finished());
  }
}

}  // namespace
}  // namespace sectile::internal
