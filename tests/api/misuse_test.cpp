// What a caller can do wrong with the public functions: each ends with an error that names the
// values, and nothing hangs, crashes or writes a wrong pixel.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"

namespace sectile::internal {
namespace {

constexpr Size kSize{64, 64};

Model demo(const std::string& name) {
  auto model = Model::open(SECTILE_SOURCE_DIR "/models/" + name + ".pte");
  if (!model) throw std::runtime_error(model.error().message);
  return *model;
}

Plan plan_of(const Model& model, const ImageInfo& image, const PlanOptions& options) {
  auto plan = make_plan(model, image, options);
  if (!plan) throw std::runtime_error(plan.error().message);
  return *plan;
}

template <typename T>
void expect_refused(const Result<T>& result, const std::vector<std::string>& parts) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument) << result.error().message;
  for (const std::string& part : parts) {
    EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
  }
}

// ---- plans and models

class PlanOfAnotherModel : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PlanOfAnotherModel, IsRefused) {
  const Model planned = demo(GetParam().first);
  const Model other = demo(GetParam().second);
  const NoiseImage image(planned, kSize);
  for (const PlanOptions& options : {whole_image(), PlanOptions{}}) {
    const Plan plan = plan_of(planned, image.info(), options);
    MemorySource source = image.source();
    MemorySink sink(plan.output_info());
    const std::vector<std::string> names{planned.path(), other.path()};
    expect_refused(run(other, plan, source, sink), names);
    expect_refused(verify(other, plan, source), names);
    EXPECT_FALSE(sink.finished());
  }
}

INSTANTIATE_TEST_SUITE_P(Demo, PlanOfAnotherModel,
                         testing::Values(std::pair{"denoise", "unet"}, std::pair{"unet", "denoise"},
                                         std::pair{"denoise", "upscale2x"}));

TEST(Misuse, TheSameProgramOpenedTwiceIsTheSameModel) {
  const Model planned = demo("denoise");
  const NoiseImage image(planned, kSize);
  const Plan plan = plan_of(planned, image.info(), whole_image());
  MemorySource source = image.source();
  EXPECT_TRUE(same_bits(run_in_memory(demo("denoise"), plan, source),
                        run_in_memory(planned, plan, source)));
}

TEST(Misuse, APlanKeepsItsModelAndStaysWhenItIsMovedFrom) {
  const NoiseImage image(demo("denoise"), kSize);
  Plan first = plan_of(demo("denoise"), image.info(), whole_image());
  const Plan second = std::move(first);
  MemorySource source = image.source();
  const auto wanted = run_in_memory(second.model(), second, source);
  EXPECT_TRUE(same_bits(run_in_memory(first.model(), first, source), wanted));  // NOLINT
}

// ---- sources and sinks

TEST(Misuse, ASourceOrSinkThatIsNotThePlansIsRefused) {
  const Model model = demo("denoise");
  const NoiseImage image(model, kSize);
  const Plan plan = plan_of(model, image.info(), tiles_of({48, 48}));
  const auto changed = [](ImageInfo info, Size size, int bands, PixelType type) {
    info.size = size;
    info.bands = bands;
    info.pixel_type = type;
    return info;
  };
  const std::vector<ImageInfo> others{changed(image.info(), {63, 64}, 3, PixelType::f32),
                                      changed(image.info(), {64, 65}, 3, PixelType::f32),
                                      changed(image.info(), kSize, 4, PixelType::f32),
                                      changed(image.info(), kSize, 1, PixelType::f32),
                                      changed(image.info(), kSize, 3, PixelType::u8)};
  for (const ImageInfo& other : others) {
    const std::vector<float> pixels(static_cast<std::size_t>(other.size.area() * other.bands));
    MemorySource wrong_source(other, pixels);
    MemorySink sink(plan.output_info());
    expect_refused(run(model, plan, wrong_source, sink), {to_string(other.size)});
    expect_refused(verify(model, plan, wrong_source), {to_string(other.size)});
    MemorySource source = image.source();
    MemorySink wrong_sink(other);
    expect_refused(run(model, plan, source, wrong_sink), {to_string(other.size)});
  }
}

TEST(Misuse, ASourceOfTooFewPixelsIsRefused) {
  const Model model = demo("denoise");
  const NoiseImage image(model, kSize);
  const Plan plan = plan_of(model, image.info(), whole_image());
  const std::vector<float> too_few(100);
  MemorySource source(image.info(), too_few);
  MemorySink sink(plan.output_info());
  expect_refused(run(model, plan, source, sink), {"12288", "100"});
}

TEST(Misuse, ReadsAndWritesOutsideTheImageAreRefused) {
  const std::vector<float> pixels(12);
  std::vector<float> out(12);
  const ImageInfo info{.size = {3, 4}, .pixel_type = PixelType::f32};
  MemorySource source(info, pixels);
  EXPECT_TRUE(source.read(Rect::of(info.size), out));
  EXPECT_FALSE(source.read({{0, 4}, {0, 4}}, out));
  EXPECT_FALSE(source.read({{-1, 2}, {0, 4}}, out));
  EXPECT_FALSE(source.read({{0, 3}, {0, 3}}, out));
  EXPECT_FALSE(source.read({}, {}));
  MemorySink sink(info);
  EXPECT_FALSE(sink.write({1, 2}, std::span(out).first(4)));
  EXPECT_FALSE(sink.write({0, 4}, out));
  EXPECT_FALSE(sink.write({0, 2}, out));
  EXPECT_FALSE(sink.finish());
  EXPECT_TRUE(sink.write({0, 3}, out));
  EXPECT_TRUE(sink.finish());
}

TEST(Misuse, ImagesThatNoMemoryHoldsAreErrors) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const Model model = demo("denoise");
  for (const Size size : {Size{kHuge, kHuge}, Size{kHuge, 1}, Size{-5, 10}, Size{0, 0},
                          Size{std::int64_t{1} << 31, std::int64_t{1} << 26}}) {
    const ImageInfo info{.size = size, .bands = 3, .pixel_type = PixelType::f32};
    MemorySink sink(info);
    EXPECT_FALSE(sink.write({0, 1}, {})) << to_string(size);
    EXPECT_TRUE(sink.pixels().empty());
    EXPECT_FALSE(make_plan(model, info, {.memory_bytes = 1 << 30})) << to_string(size);
  }
  EXPECT_FALSE(make_plan(model, {.size = {8, 8}, .bands = -3}));
}

TEST(Misuse, JoiningNothingIsAnError) {
  EXPECT_FALSE(join_images(std::vector<std::unique_ptr<ImageSource>>{}));
  EXPECT_FALSE(join_images(std::vector<std::unique_ptr<ImageSink>>{}));
  EXPECT_FALSE(join_inputs(demo("denoise"), "", {}));
  std::vector<std::unique_ptr<ImageSource>> missing(2);
  EXPECT_FALSE(join_images(std::move(missing)));
  EXPECT_FALSE(join_inputs(demo("denoise"), "", std::vector<std::unique_ptr<ImageSource>>(3)));
}

// ---- options

TEST(Misuse, OptionsThatNoPlanCanHaveAreRefused) {
  const Model model = demo("denoise");
  const NoiseImage image(model, kSize);
  const std::vector<PlanOptions> wrong{{.memory_bytes = -1},
                                       {.threads = -1},
                                       {.threads = std::numeric_limits<int>::max()},
                                       {.mode = static_cast<Mode>(77)},
                                       {.tile = Size{0, 10}},
                                       {.tile = Size{-1, -1}},
                                       {.step_rows = 0},
                                       {.step_rows = -8},
                                       {.mode = Mode::stream, .tile = Size{32, 32}},
                                       {.mode = Mode::whole, .step_rows = 8},
                                       {.overlap_px = 3},
                                       {.output_type = static_cast<PixelType>(-1)}};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const auto plan = make_plan(model, image.info(), wrong[i]);
    ASSERT_FALSE(plan) << i;
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument) << i << plan.error().message;
  }
}

// ---- runners

TEST(Misuse, ARunnerThatWasMovedFromSaysSo) {
  const Model model = demo("denoise");
  const NoiseImage image(model, kSize);
  auto runner = Runner::prepare(plan_of(model, image.info(), whole_image()));
  ASSERT_TRUE(runner);
  const Runner moved = std::move(*runner);
  MemorySource source = image.source();
  MemorySink sink(image.info());
  expect_refused(runner->run(source, sink), {"moved"});  // NOLINT
}

// ---- any mix of plans, models, sources and sinks

struct World {
  std::vector<Model> models{demo("denoise"), demo("unet"), open_model("two_inputs"),
                            open_model("pixel_shuffle2"),
                            open_model("refused_softmax_over_rows_large")};
  std::vector<Size> sizes{{40, 56}, {64, 48}};
  std::vector<PlanOptions> options{whole_image(), tiles_of({48, 48}, 2), PlanOptions{.threads = 2},
                                   PlanOptions{.threads = 1, .mode = Mode::approximate}};
};

ImageInfo any_info(const World& world, const Model& model) {
  ImageInfo info;
  info.size = *rc::gen::elementOf(world.sizes);
  info.bands = *rc::gen::element(static_cast<int>(model.methods()[0].input.channels), 1, 3);
  info.pixel_type = *rc::gen::element(PixelType::f32, PixelType::u8);
  return info;
}

bool same_pixels(const ImageInfo& a, const ImageInfo& b) {
  return a.size == b.size && a.bands == b.bands && a.pixel_type == b.pixel_type;
}

RC_GTEST_PROP(Misuse, AnyMixEndsWithTheRightPixelsOrAnError, ()) {
  static const World world;
  const Model planned = *rc::gen::elementOf(world.models);
  const Model used = *rc::gen::elementOf(world.models);
  const auto plan =
      make_plan(planned, any_info(world, planned), *rc::gen::elementOf(world.options));
  if (!plan) return;
  const ImageInfo source_info = *rc::gen::element(plan->input_info(), any_info(world, used));
  const ImageInfo sink_info = *rc::gen::element(plan->output_info(), any_info(world, used));
  std::vector<float> pixels(static_cast<std::size_t>(source_info.size.area() * source_info.bands));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 251);
  MemorySource source(source_info, pixels);
  MemorySink sink(sink_info);
  const auto report = run(used, *plan, source, sink);
  const bool fits = &used.data() == &planned.data() &&
                    same_pixels(source_info, plan->input_info()) &&
                    same_pixels(sink_info, plan->output_info());
  RC_ASSERT(report.has_value() == fits);
  RC_ASSERT(sink.finished() == fits);
  if (!fits) RC_ASSERT(report.error().code == ErrorCode::invalid_argument);
  auto runner = Runner::prepare(*plan);
  RC_ASSERT(runner.has_value());
  for (int frame = 0; fits && frame < 2; ++frame) {
    MemorySink again(sink_info);
    RC_ASSERT(runner->run(source, again).has_value());
    RC_ASSERT(same_bits({again.pixels().begin(), again.pixels().end()},
                        {sink.pixels().begin(), sink.pixels().end()}));
  }
}

}  // namespace
}  // namespace sectile::internal
