// Tiled equals whole, bit for bit, on ExecuTorch: for every network, tile size, thread count and
// timing.
#include "sectile/run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/api/images.h"
#include "tests/api/run_checks.h"
#include "tests/image/faulty.h"

namespace sectile::internal {
namespace {

// Plans with this tile, and the planned run against the whole one. False when the tile is too
// small for the network.
bool verify_tiles(const Model& model, const NoiseImage& image, Size tile, std::int64_t& lanes) {
  const auto plan = make_plan(model, image.info(), tiles_of(tile));
  if (!plan) {
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument) << plan.error().message;
    return false;
  }
  lanes = plan->lanes();
  MemorySource source = image.source();
  const auto report = verify(model, *plan, source);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  if (!report) return false;
  EXPECT_EQ(report->values, plan->output_size().area() * plan->output_info().bands);
  EXPECT_EQ(report->differing, 0) << "tiles of " << to_string(plan->tile_size()) << ", up to "
                                  << report->max_abs_diff;
  return true;
}

// Networks of depth 3 reach far: their tiles are large.
Size image_for(const Model& model, const std::string& name) {
  return size_for(model, name.contains("unet3") ? Size{157, 133} : Size{61, 47});
}

TEST(Run, GivesTheWholeImagesBitsForEveryNetworkAndTileSize) {
  int cut = 0;
  int networks = 0;
  for (const auto& network : test::exact_programs()) {
    SCOPED_TRACE(network.name);
    const Model model = test::open_fixed(network);
    if (model.methods().size() > 1) continue;  // below
    const NoiseImage image(model, image_for(model, network.name));
    std::int64_t most_lanes = 0;
    for (const Size tile : {Size{17, 30}, {32, 18}, {48, 48}, {104, 112}}) {
      std::int64_t lanes = 0;
      if (verify_tiles(model, image, tile, lanes)) most_lanes = std::max(most_lanes, lanes);
    }
    EXPECT_GT(most_lanes, 0);
    ++networks;
    cut += most_lanes > 1;
  }
  EXPECT_GT(cut, networks * 9 / 10);  // the test would prove nothing with tiles as large as images
}

TEST(Run, ServesEveryMethod) {
  const Model model = open_model("export_methods");
  for (const MethodInfo& method : model.methods()) {
    const NoiseImage image(model, {50, 45}, method.name);
    PlanOptions options = tiles_of({24, 24});
    options.method = method.name;
    const auto plan = make_plan(model, image.info(), options);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->method(), method.name);
    EXPECT_GT(plan->lanes(), 1);
    MemorySource source = image.source();
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->differing, 0);
  }
}

class RunOf : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Networks, RunOf,
                         ::testing::Values("unet1_positive", "denoiser", "efficient_sub_pixel",
                                           "export_channels_last_unet", "pixel_unshuffle_shuffle",
                                           "bilinear_up2_positive", "export_dynamic"));

TEST_P(RunOf, DoesNotDependOnWorkersOrTiming) {
  expect_no_dependence_on_workers_or_timing(
      open_model(GetParam()), [](int workers) { return tiles_of({40, 36}, workers); }, 8,
      [](const Plan& plan) { ASSERT_GT(plan.lanes(), 1); });
}

// One pixel, one row, one column, less than the reach, and odd sizes, which a U-Net runs extended.
TEST_P(RunOf, TakesImagesOfAnySize) {
  const Model model = open_model(GetParam());
  for (const Size size : {Size{1, 1}, {1, 50}, {50, 1}, {2, 3}, {7, 5}, {33, 29}, {64, 65}}) {
    const NoiseImage image(model, size);
    PlanOptions options = tiles_of({40, 36});
    const auto plan = make_plan(model, image.info(), options);
    ASSERT_TRUE(plan) << to_string(size) << ": " << plan.error().message;
    const MethodInfo& method = model.methods()[0];
    EXPECT_EQ(plan->output_size().height * method.scale.y.den, size.height * method.scale.y.num);
    EXPECT_EQ(plan->output_size().width * method.scale.x.den, size.width * method.scale.x.num);
    MemorySource source = image.source();
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << to_string(size) << ": " << report.error().message;
    EXPECT_EQ(report->differing, 0) << to_string(size);
  }
}

TEST_P(RunOf, ChoosesAPlanThatGivesTheSameBits) {
  const Model model = open_model(GetParam());
  const NoiseImage image(model, {96, 64});
  PlanOptions options;
  options.threads = 2;
  for (const Mode mode : {Mode::automatic, Mode::whole, Mode::tile}) {
    options.mode = mode;
    const auto plan = make_plan(model, image.info(), options);
    ASSERT_TRUE(plan) << plan.error().message;
    MemorySource source = image.source();
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->differing, 0);
  }
}

TEST(Run, ScalesIntegerImagesOnTheWayInAndOut) {
  const Model model = open_model("four_conv");
  NoiseImage noise(model, {40, 40});
  ImageInfo info = noise.info();
  info.pixel_type = PixelType::u8;
  std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i * 37 % 256);
  MemorySource bytes(info, pixels);
  const auto plan = make_plan(model, info, tiles_of({24, 24}));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->output_info().pixel_type, PixelType::u8);
  const auto out = run_in_memory(model, *plan, bytes);

  for (float& pixel : pixels) pixel /= 255.0F;
  info.pixel_type = PixelType::f32;
  MemorySource floats(info, pixels);
  const auto float_plan = make_plan(model, info, tiles_of({24, 24}));
  ASSERT_TRUE(float_plan);
  auto expected = run_in_memory(model, *float_plan, floats);
  for (float& value : expected) value *= 255.0F;
  EXPECT_TRUE(same_bits(out, expected));  // a sink in memory does not round
}

TEST(Run, StopsAtTheCallersFlag) {
  const Model model = open_model("four_conv");
  const NoiseImage image(model, {80, 80});
  const auto plan = make_plan(model, image.info(), tiles_of({24, 24}, 2));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_LE(steps_until_stopped(model, *plan, image, 2), 4);
  ASSERT_GT(plan->lanes(), 4);
}

TEST(Run, PassesErrorsOfTheImagesOn) {
  const Model model = open_model("four_conv");
  const NoiseImage image(model, {80, 80});
  const auto plan = make_plan(model, image.info(), tiles_of({24, 24}, 3));
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource source = image.source();
  MemorySink sink(plan->output_info());
  testing::FaultySource bad_source(source, {.fail_at_call = 1});
  EXPECT_EQ(run(model, *plan, bad_source, sink).error().code, ErrorCode::io);
  testing::FaultySink bad_sink(sink, {.fail_at_call = 1});
  EXPECT_EQ(run(model, *plan, source, bad_sink).error().code, ErrorCode::io);
  EXPECT_FALSE(sink.finished());
}

// ---- verify and bench

// Gives other pixels each time the image is read.
class ChangingSource final : public ImageSource {
 public:
  ChangingSource(ImageSource& inner, float change) : inner_(inner), change_(change) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status read(const Rect& rect, std::span<float> out) override {
    auto status = inner_.read(rect, out);
    if (rect.y.begin == 0 && reads_of_top_++ > 0) out[3] += change_;
    return status;
  }

 private:
  ImageSource& inner_;
  const float change_;
  int reads_of_top_ = 0;
};

TEST(Verify, FindsADifference) {
  const Model model = open_model("conv3x3_positive");
  const NoiseImage image(model, {40, 40});
  const auto plan = make_plan(model, image.info(), tiles_of({16, 16}));
  ASSERT_TRUE(plan) << plan.error().message;
  for (const float change : {0.0F, 1e-3F, 10.0F}) {
    MemorySource inner = image.source();
    ChangingSource source(inner, change);
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->differing > 0, change > 0) << change;
    EXPECT_EQ(report->max_abs_diff > 0, change > 0);
    // A 3x3 window in the top row: two rows of three pixels, a value for each output band.
    EXPECT_LE(report->differing, 6 * plan->output_info().bands);
  }
}

}  // namespace
}  // namespace sectile::internal
