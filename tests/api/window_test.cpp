// A window of the output equals that part of the whole output, bit for bit: for every network, in
// every mode, wherever the window lies. And only the pixels that it is computed from are read.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"
#include "tests/api/windows.h"

namespace sectile::internal {
namespace {

// So many for each network, about 2000 in all.
constexpr int kWindowsOfEach = 12;

// How a window is asked for: the modes take turns, and so do steps, tiles and workers.
PlanOptions options_for(const Model& model, Rect window, bool streams, int turn) {
  const Alignment grid = model.methods()[0].align;
  PlanOptions options;
  options.memory_bytes = std::int64_t{1} << 30;
  options.window = window;
  options.threads = 1 + turn % 3;
  static constexpr std::array kKeeps = {KeepMode::memory, KeepMode::none, KeepMode::file};
  options.keep = kKeeps[static_cast<std::size_t>(turn / 4 % 3)];
  if (turn % 4 == 0) options.mode = Mode::whole;
  if (turn % 4 == 1) options.mode = Mode::tile;
  if (turn % 4 == 2) options.tile = Size{grid.y * 2 + 40, grid.x * 2 + 40};
  if (turn % 4 == 3 && streams) options.step_rows = grid.y * (1 + turn % 5);
  return options;
}

// The window's pixels of a plan's run, whose source tells of all that is read of it.
std::vector<float> make_window(const Model& model, const Plan& plan, const NoiseImage& image) {
  MemorySource pixels = image.source();
  WatchedSource source(pixels);
  const auto window = run_in_memory(model, plan, source);
  // A stream may do without the last row that a resize mixes in with the weight 0.
  EXPECT_TRUE(plan.input_window().contains(source.pixels_read()));
  if (plan.mode() != Mode::stream) {
    EXPECT_EQ(source.pixels_read(), plan.input_window());
  }
  if (plan.passes().size() == 1) {
    EXPECT_TRUE(source.each_row_once_in_order());
  }
  return window;
}

// Without what cannot be had: a tile too small for the network, a stream of rows that lie in some
// node's padding alone.
Result<Plan> make_plan_if_possible(const Model& model, const ImageInfo& image,
                                   PlanOptions options) {
  auto plan = make_plan(model, image, options);
  const bool impossible =
      !plan && ((options.tile && plan.error().code == ErrorCode::invalid_argument) ||
                plan.error().message.contains("in its padding alone"));
  if (!impossible) return plan;
  options.tile.reset();
  options.step_rows.reset();
  return make_plan(model, image, options);
}

void expect_window_of_whole(const Model& model, const NoiseImage& image,
                            const std::vector<float>& whole, Size output,
                            const PlanOptions& options) {
  const Rect window = *options.window;
  SCOPED_TRACE(to_string(window) + " of " + to_string(output));
  const auto plan = make_plan_if_possible(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->window(), window);
  EXPECT_EQ(plan->output_size(), window.size());
  const auto needed = input_window(model, window, image.info().size);
  ASSERT_TRUE(needed) << needed.error().message;
  EXPECT_EQ(plan->input_window(), *needed);
  const auto expected = part_of(whole, output, plan->output_info().bands, window);
  EXPECT_TRUE(same_bits(make_window(model, *plan, image), expected))
      << to_string(plan->mode()) << ", " << plan->workers() << " workers, tiles or steps of "
      << to_string(plan->tile_size());
}

TEST(Window, HasTheBitsOfTheWholeOutputForEveryNetworkAndMode) {
  std::mt19937 random(7);
  int windows = 0;
  for (const auto& network : test::exact_programs()) {
    SCOPED_TRACE(network.name);
    const Model model = test::open_fixed(network);
    if (model.methods().size() > 1) continue;
    const NoiseImage image(model, size_for(model, image_beyond_reach(model, random)));
    MemorySource source = image.source();
    const auto plan = make_plan(model, image.info(), whole_image());
    ASSERT_TRUE(plan) << plan.error().message;
    const auto whole = run_in_memory(model, *plan, source);
    for (int turn = 0; turn < kWindowsOfEach; ++turn, ++windows) {
      const Rect window = random_window(plan->output_size(), random);
      expect_window_of_whole(model, image, whole, plan->output_size(),
                             options_for(model, window, network.streams, turn));
    }
  }
  EXPECT_GT(windows, 1900);
}

class WindowOf : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Networks, WindowOf,
                         ::testing::Values("unet2_positive", "denoiser", "efficient_sub_pixel",
                                           "export_channels_last_unet", "pixel_unshuffle_shuffle",
                                           "bilinear_up2_positive", "feature_pyramid",
                                           "inception"));

// Corners, edges, single pixels and lines, and all of it.
TEST_P(WindowOf, TouchesAnyBorderAndMayBeOnePixel) {
  const Model model = open_model(GetParam());
  std::mt19937 random(11);
  const NoiseImage image(model, image_beyond_reach(model, random));
  MemorySource source = image.source();
  const auto plan = make_plan(model, image.info(), whole_image());
  ASSERT_TRUE(plan) << plan.error().message;
  const Size size = plan->output_size();
  const auto whole = run_in_memory(model, *plan, source);
  const auto ranges = [](std::int64_t length) {
    return std::vector<Range>{{0, 1},          {length - 1, length}, {0, length},
                              {0, length / 3}, {length / 2, length}, {length / 2, length / 2 + 1}};
  };
  int turn = 0;
  for (const Range y : ranges(size.height)) {
    for (const Range x : ranges(size.width)) {
      expect_window_of_whole(model, image, whole, size, options_for(model, {y, x}, true, turn++));
    }
  }
}

// Lines that lie at the image's border are left out: there a dilated convolution sees every other.
// A window of padding alone depends on no pixel.
std::vector<Rect> inner_border_lines(Rect rect, Size image) {
  const auto [y, x] = rect;
  std::vector<Rect> lines;
  if (rect.empty()) return lines;
  if (y.begin > 0) lines.push_back({{y.begin, y.begin + 1}, x});
  if (y.end < image.height) lines.push_back({{y.end - 1, y.end}, x});
  if (x.begin > 0) lines.push_back({y, {x.begin, x.begin + 1}});
  if (x.end < image.width) lines.push_back({y, {x.end - 1, x.end}});
  return lines;
}

// A resize that leaves rows as they are, or takes single ones, mixes in the next one with the
// weight 0; one with align_corners some that are mixed in at other sizes alone.
bool shows_every_row(const test::NetworkProgram& network) {
  constexpr std::array kHidden = {"bilinear_up2_wide", "bilinear_up3", "bilinear_up5",
                                  "bilinear_down3", "aligned"};
  const auto names = [&](const char* part) { return network.name.contains(part); };
  return network.positive && std::ranges::none_of(kHidden, names);
}

// A change of any other pixel is not seen; one of the outermost of these is, where no weight is
// below zero.
TEST(InputWindow, HoldsAllThatAWindowDependsOnAndNoRowMore) {
  constexpr float kSmallChange = 3;
  constexpr float kHugeChange = 1e20F;
  std::mt19937 random(3);
  int lines = 0;
  for (const auto& network : test::exact_programs()) {
    SCOPED_TRACE(network.name);
    const Model model = test::open_fixed(network);
    if (model.methods().size() > 1) continue;
    const Size size = size_for(model, image_beyond_reach(model, random));
    const Perturbation changes(model, size);
    for (int i = 0; i < 3; ++i) {
      const Rect window = random_window(changes.output_size(), random);
      const auto needed = input_window(model, window, changes.image_size());
      ASSERT_TRUE(needed) << needed.error().message;
      SCOPED_TRACE(to_string(window) + " from " + to_string(*needed));
      for (const float change : {kSmallChange, kHugeChange}) {
        EXPECT_FALSE(changes.are_seen_in(window, changes.outside(*needed), change)) << change;
      }
      if (!shows_every_row(network)) continue;
      for (const Rect& line : inner_border_lines(*needed, changes.image_size())) {
        EXPECT_TRUE(changes.are_seen_in(window, changes.inside(line), kHugeChange))
            << to_string(line);
        ++lines;
      }
    }
  }
  EXPECT_GT(lines, 50);
}

TEST_P(WindowOf, CanBeMadeAgainAndAgainAndVerified) {
  const Model model = open_model(GetParam());
  const NoiseImage image(model, {96, 80});
  const NoiseImage other(model, {96, 80}, "", 5);
  for (int turn = 0; turn < 4; ++turn) {
    const auto plan =
        make_plan(model, image.info(), options_for(model, {{13, 30}, {7, 38}}, true, turn));
    ASSERT_TRUE(plan) << plan.error().message;
    auto runner = Runner::prepare(*plan);
    ASSERT_TRUE(runner) << runner.error().message;
    for (const NoiseImage* frame : {&image, &other, &image}) {
      MemorySource source = frame->source();
      MemorySink sink(plan->output_info());
      const auto report = runner->run(source, sink);
      ASSERT_TRUE(report) << report.error().message;
      const auto once = run_in_memory(model, *plan, source);
      EXPECT_TRUE(same_bits({sink.pixels().begin(), sink.pixels().end()}, once));
    }
    MemorySource source = image.source();
    const auto report = verify(model, *plan, source);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->values, 17 * 31 * plan->output_info().bands);
    EXPECT_EQ(report->differing, 0);
  }
}

// ---- the plan

TEST(Window, TakesLessWorkAndMemoryThanTheWhole) {
  const Model model = open_model("unet2");
  ImageInfo image = NoiseImage(model, {8, 8}).info();
  image.size = {2000, 3000};
  PlanOptions options;
  options.threads = 1;
  options.memory_bytes = std::int64_t{8} << 30;
  for (const Mode mode : {Mode::whole, Mode::tile, Mode::stream}) {
    options.mode = mode;
    options.window.reset();
    const auto whole = make_plan(model, image, options);
    options.window = Rect{{700, 900}, {1000, 1300}};
    const auto plan = make_plan(model, image, options);
    ASSERT_TRUE(whole && plan);
    EXPECT_EQ(whole->window(), Rect::of(whole->output_size()));
    EXPECT_EQ(whole->input_window(), Rect::of(image.size));
    EXPECT_LT(plan->compute_ratio(), 0.02) << to_string(mode);  // of the pixels it has 0.01
    EXPECT_GT(plan->compute_ratio(), 0.01) << to_string(mode);
    EXPECT_LT(plan->memory().session_bytes(), whole->memory().session_bytes());
    EXPECT_LT(plan->memory().strip_bytes, whole->memory().strip_bytes);
  }
}

TEST(Window, SaysWhereItLies) {
  const Model model = open_model("four_conv");
  PlanOptions options = whole_image();
  options.window = Rect{{30, 42}, {20, 60}};
  const auto plan = make_plan(model, NoiseImage(model, {90, 80}).info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_NE(plan->to_string().find("window   20,30,40x12 of the output, from 16,26,48x20"),
            std::string::npos)
      << plan->to_string();
  EXPECT_EQ(plan->columns(), (std::vector<AxisTile>{{{16, 64}, {20, 60}}}));
}

// x0, dx, rx, y0, ry, dy of an image that is turned as well as moved.
TEST(Window, LiesOnEarthWhereItsPixelsDo) {
  for (const auto& [name, scale] : {std::pair{"denoiser", 1.0}, {"bilinear_up2_positive", 2.0}}) {
    const Model model = open_model(name);
    ImageInfo image = NoiseImage(model, {64, 64}).info();
    image.geo.transform = std::array{500.0, 8.0, 2.0, 900.0, 1.0, -4.0};
    PlanOptions options = whole_image();
    options.window = Rect{{16, 32}, {24, 60}};
    const auto plan = make_plan(model, image, options);
    ASSERT_TRUE(plan) << plan.error().message;
    const std::array expected{500 + (24 * 8 + 16 * 2) / scale, 8 / scale, 2 / scale,
                              900 + (24 * 1 - 16 * 4) / scale, 1 / scale, -4 / scale};
    EXPECT_EQ(plan->output_info().geo.transform, expected);
    EXPECT_EQ(plan->output_info().size, (Size{16, 36}));
  }
}

TEST(Window, MustLieInTheOutput) {
  const Model model = open_model("bilinear_up2_positive");
  const ImageInfo image = NoiseImage(model, {40, 30}).info();
  PlanOptions options;
  for (const Rect window : {Rect{{0, 0}, {0, 10}},
                            {{5, 3}, {0, 10}},
                            {{-1, 5}, {0, 10}},
                            {{0, 81}, {0, 10}},
                            {{0, 80}, {50, 61}},
                            {{90, 95}, {70, 75}}}) {
    options.window = window;
    const auto plan = make_plan(model, image, options);
    ASSERT_FALSE(plan) << to_string(window);
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(plan.error().message.find(window.empty() ? "no pixels" : "60x80"), std::string::npos)
        << plan.error().message;
    EXPECT_EQ(input_window(model, window, image.size).error().code, ErrorCode::invalid_argument);
  }
}

TEST(Window, IsRefusedByApproximatePlans) {
  for (const auto& network : test::network_programs()) {
    const Model model = test::open_fixed(network);
    const auto tile = approximate_tile(model);
    if (network.verdict == "exact" || !tile) continue;
    PlanOptions options;
    options.mode = Mode::approximate;
    options.window = Rect{{1, 3}, {2, 6}};
    const auto plan = make_plan(model, NoiseImage(model, *tile).info(), options);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(plan.error().message.find("2,1,4x2"), std::string::npos) << plan.error().message;
    return;
  }
  FAIL() << "no network runs approximately";
}

TEST(Window, TakesASinkOfItsOwnSize) {
  const Model model = open_model("four_conv");
  const NoiseImage image(model, {90, 80});
  PlanOptions options = whole_image();
  options.window = Rect{{30, 42}, {20, 60}};
  const auto plan = make_plan(model, image.info(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource source = image.source();
  ImageInfo whole = plan->output_info();
  whole.size = image.info().size;
  MemorySink sink(whole);
  const auto report = run(model, *plan, source, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(report.error().message.find("40x12"), std::string::npos) << report.error().message;
}

}  // namespace
}  // namespace sectile::internal
