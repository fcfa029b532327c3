// Images of which parts are no data: what shows data has the bits of a whole-image run of the
// filled image, for every network, in every mode.
#include "sectile/mask.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"

namespace sectile::internal {
namespace {

// Rows in the middle are no data, so many that a stream comes to repeat its steps; above and below,
// some pixels are not.
std::shared_ptr<const Mask> mask_with_gap(Size size) {
  MaskBuilder builder(size.width);
  for (std::int64_t y = 0; y < size.height; ++y) {
    std::vector<std::uint8_t> row(static_cast<std::size_t>(size.width), Mask::kData);
    const bool is_in_gap = y > size.height / 10 && y < size.height * 9 / 10;
    for (std::size_t x = 0; x < row.size(); ++x) {
      if (is_in_gap || (x * 7 + static_cast<std::size_t>(y) * 5) % 11 == 0 || x < 3) row[x] = 0;
    }
    builder.add_row(row);
  }
  return std::make_shared<const Mask>(builder.finish());
}

std::unique_ptr<ImageSource> masked_source(const NoiseImage& image) {
  auto source = std::make_unique<MemorySource>(image.source());
  return *with_mask(std::move(source), mask_with_gap(image.info().size));
}

TEST(Masked, HasTheBitsOfTheFilledImageForEveryNetwork) {
  int networks = 0;
  int repeating = 0;
  for (const auto& network : test::exact_programs()) {
    SCOPED_TRACE(network.name);
    const Model model = test::open_fixed(network);
    if (model.methods().size() > 1) continue;
    const std::int64_t grid = model.methods()[0].align.y;
    const NoiseImage image(model, size_for(model, {40 * std::max<std::int64_t>(4, grid), 33}));
    const auto source = masked_source(image);
    PlanOptions tiles;
    tiles.mode = Mode::tile;
    tiles.threads = 2;
    std::vector<PlanOptions> ways{tiles};
    if (network.streams) ways.push_back(stream_of(grid, 2));
    if (network.streams) ways.push_back(stream_of(3 * grid, 1));
    const RunOptions options{.input = {.fill = {0.25}}};
    for (const PlanOptions& way : ways) {
      const auto plan = make_plan(model, source->info(), way);
      ASSERT_TRUE(plan) << plan.error().message;
      const auto report = verify(model, *plan, *source, options);
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_EQ(report->differing, 0) << to_string(plan->mode());
      MemorySink sink(plan->output_info());
      const auto ran = run(model, *plan, *source, sink, options);
      ASSERT_TRUE(ran) << ran.error().message;
      if (plan->mode() == Mode::stream && ran->steps_left_out > 0) ++repeating;
    }
    ++networks;
  }
  EXPECT_GT(networks, 150);
  EXPECT_GT(repeating, networks);  // of two streams each
}

// To sinks of one's own, pixels that show no data are 0, whatever the plan.
TEST(Masked, IsTheSameForEveryPlan) {
  const Model model = open_model("unet2_positive");
  const NoiseImage image(model, {160, 48});
  const auto source = masked_source(image);
  std::vector<float> first;
  for (const PlanOptions& way : {whole_image(), stream_of(4, 1), stream_of(8, 3)}) {
    const auto plan = make_plan(model, source->info(), way);
    ASSERT_TRUE(plan) << plan.error().message;
    const auto made = run_in_memory(model, *plan, *source);
    if (first.empty()) first = made;
    EXPECT_TRUE(same_bits(made, first));
  }
}

TEST(Masked, RefusesAPlanForAnotherMask) {
  const Model model = open_model("conv3x3");
  const NoiseImage image(model, {40, 33});
  const auto source = masked_source(image);
  const auto plan = make_plan(model, source->info());
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySource plain = image.source();
  MemorySink sink(plan->output_info());
  const auto report = run(model, *plan, plain, sink);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message,
            "[run] the plan was made for an input with another mask: make a plan for this one");
  const auto again = masked_source(image);  // equal, and another object
  EXPECT_TRUE(run(model, *plan, *again, sink));
}

}  // namespace
}  // namespace sectile::internal
