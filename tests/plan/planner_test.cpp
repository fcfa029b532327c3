// The planner over random axes and costs that grow with the tile's area, as a network's do.
#include "src/plan/planner.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "src/base/integers.h"
#include "src/plan/axis.h"
#include "tests/plan/random_axis.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

// The costs of a tile: work by its area, memory by its area and something fixed.
struct Costs {
  double work_per_px = 1;
  std::int64_t bytes_per_px = 0;
  std::int64_t fixed_bytes = 0;
};

PlanInput plan_input(const AxisGeometry& y, const AxisGeometry& x, const Costs& costs) {
  PlanInput input;
  input.y = y;
  input.x = x;
  // Half of what grows is tables, of which a lean session keeps an eighth.
  input.tile_costs = [costs](Size tile, bool transient_tables) -> Result<TileCosts> {
    const std::int64_t bytes = costs.bytes_per_px * tile.area() / 2;
    const double work = costs.work_per_px * static_cast<double>(tile.area());
    TileCosts of_tile{work, 0, work / 1e10, {}};
    of_tile.session.weight_bytes = costs.fixed_bytes;
    of_tile.session.indirection_bytes = transient_tables ? bytes / 8 : bytes;
    of_tile.session.workspace_bytes = bytes;
    return of_tile;
  };
  // A lane holds so many rows of everything, and recomputes some columns beside each other lane.
  input.stream_costs = [=, length = x.length](std::int64_t step_rows, int lanes,
                                              bool transient_tables) -> Result<StreamCosts> {
    StreamCosts stream;
    stream.lanes = std::min<std::int64_t>(lanes, length);
    const std::int64_t width = length / stream.lanes + (stream.lanes > 1 ? 9 : 0);
    stream.step = {step_rows, width};
    stream.work = costs.work_per_px * static_cast<double>(y.length * width);
    stream.all_work = stream.work * static_cast<double>(stream.lanes);
    stream.steps = ceil_div(y.length, step_rows) + 1;
    stream.programs = std::min<std::int64_t>(3, stream.steps);
    stream.session.indirection_bytes =
        (transient_tables ? 0 : 1) * costs.bytes_per_px * step_rows * width / 2;
    stream.indirection_seconds = static_cast<double>(stream.session.indirection_bytes) / 1e9;
    stream.session.weight_bytes = costs.fixed_bytes;
    stream.history_bytes = costs.bytes_per_px * (step_rows + 4) * width;
    stream.output_rows = step_rows;
    return stream;
  };
  input.input_row_bytes = x.length * 12;
  input.output_row_bytes = x.output_length * 12;
  input.process_bytes = 5 * kMiB;
  return input;
}

PlanInput random_input() {
  const Costs costs{static_cast<double>(*number_in(1, 1000)), *number_in(1, 4000),
                    *number_in(0, 4 * kMiB)};
  return plan_input(*random_axis(800), *random_axis(800), costs);
}

PlanRequest request(Mode mode, int workers, std::int64_t memory_bytes = kPlenty) {
  PlanRequest request;
  request.mode = mode;
  request.workers = workers;
  request.memory_bytes = memory_bytes;
  return request;
}
int random_workers() { return static_cast<int>(*number_in(1, 6)); }

std::int64_t tiles_of(const Choice& choice) { return choice.candidate.tiles; }

// Of the chosen plan, where that of the fastest there is, whatever memory it takes, is 1.
double predicted_time(const Choice& layout) {
  const auto fastest = std::ranges::find(layout.alternatives, "fastest", &PlanAlternative::name);
  return 1 / fastest->time;
}

// The number before the last "M" of "the least that would is 123M".
std::int64_t named_bytes(const Error& error) {
  const std::size_t begin = error.message.rfind(' ') + 1;
  std::int64_t mebibytes = 0;
  std::from_chars(error.message.data() + begin, error.message.data() + error.message.size(),
                  mebibytes);
  return mebibytes * kMiB;
}

// "... is 40x30": width and height.
Size named_size(const Error& error) {
  const std::size_t begin = error.message.rfind(' ') + 1;
  Size size;
  const char* end = error.message.data() + error.message.size();
  const auto width = std::from_chars(error.message.data() + begin, end, size.width);
  std::from_chars(width.ptr + 1, end, size.height);
  return size;
}

void check_layout(const PlanInput& input, const PlanRequest& asked, const Choice& layout) {
  const Candidate& chosen = layout.candidate;
  RC_ASSERT(chosen.workers >= 1);
  RC_ASSERT(chosen.workers <= asked.workers);
  RC_ASSERT(chosen.workers <= tiles_of(layout));
  RC_ASSERT(chosen.memory.total() <= asked.memory_bytes);
  if (chosen.stream) {
    RC_ASSERT(chosen.tile.height % input.y.grid == 0);
    RC_ASSERT(chosen.workers == chosen.tiles);
    return;
  }
  RC_ASSERT(chosen.tiles ==
            tile_count(input.y, chosen.tile.height) * tile_count(input.x, chosen.tile.width));
  // Below 1 where a stride larger than its window leaves rows that nobody reads.
  const double work =
      static_cast<double>(tiles_of(layout)) * input.tile_costs(chosen.tile, false)->work;
  const double whole = input.tile_costs({input.y.length, input.x.length}, false)->work;
  RC_ASSERT(std::abs(layout.compute_ratio - work / whole) < 1e-9);
}

RC_GTEST_PROP(Planner, LaysOutWhatItPromises, ()) {
  const PlanInput input = random_input();
  const Mode mode = *rc::gen::element(Mode::automatic, Mode::whole, Mode::tile, Mode::stream);
  const PlanRequest asked = request(mode, random_workers());
  const auto layout = choose_plan(input, asked);
  RC_ASSERT(layout.has_value());
  RC_CLASSIFY(tiles_of(*layout) > 1, "more than one tile");
  check_layout(input, asked, *layout);
}

void check_memory_buys_time(const PlanInput& input, PlanRequest asked) {
  const auto free = choose_plan(input, asked);
  RC_ASSERT(free.has_value());
  double fastest = predicted_time(*free);
  std::int64_t memory = free->candidate.memory.least_limit();
  // From what the free choice needs downwards, until nothing fits.
  for (asked.memory_bytes = memory;; asked.memory_bytes = memory / 100 * *number_in(60, 99)) {
    const auto layout = choose_plan(input, asked);
    if (!layout) return;
    check_layout(input, asked, *layout);
    const double time = predicted_time(*layout);
    RC_ASSERT(time >= fastest * 0.999999);
    fastest = time;
    memory = asked.memory_bytes;
  }
}

RC_GTEST_PROP(Planner, MoreMemoryNeverGivesASlowerPlan, ()) {
  check_memory_buys_time(random_input(), request(Mode::automatic, random_workers()));
}

RC_GTEST_PROP(Planner, MoreSpareMemoryNeverGivesASlowerPlan, ()) {
  PlanRequest asked = request(Mode::automatic, random_workers());
  asked.spare_memory = true;
  check_memory_buys_time(random_input(), asked);
}

RC_GTEST_PROP(Planner, SpareMemoryIsTradedForTime, ()) {
  const PlanInput input = random_input();
  PlanRequest asked = request(Mode::automatic, random_workers());
  const auto fast = choose_plan(input, asked);
  asked.spare_memory = true;
  const auto spare = choose_plan(input, asked);
  RC_ASSERT(fast.has_value());
  RC_ASSERT(spare.has_value());
  RC_ASSERT(predicted_time(*fast) == 1.0);
  RC_ASSERT(spare->candidate.memory.total() <= fast->candidate.memory.total());
}

RC_GTEST_PROP(Planner, TheMemoryItNamesIsEnough, ()) {
  const PlanInput input = random_input();
  const int workers = random_workers();
  const Mode mode = *rc::gen::element(Mode::automatic, Mode::whole, Mode::tile, Mode::stream);
  const auto refused = choose_plan(input, request(mode, workers, kMiB));
  RC_ASSERT(!refused.has_value());
  RC_ASSERT(refused.error().code == ErrorCode::over_budget);
  const std::int64_t named = named_bytes(refused.error());
  RC_ASSERT(choose_plan(input, request(mode, workers, named)).has_value());
  RC_ASSERT(!choose_plan(input, request(mode, workers, named - kMiB)).has_value());
}

RC_GTEST_PROP(Planner, WholeIsOneTile, ()) {
  const PlanInput input = random_input();
  const auto layout = choose_plan(input, request(Mode::whole, random_workers()));
  RC_ASSERT(layout.has_value());
  RC_ASSERT(layout->candidate.tile == (Size{input.y.length, input.x.length}));
  RC_ASSERT(layout->candidate.workers == 1);
  RC_ASSERT(layout->compute_ratio == 1.0);
}

RC_GTEST_PROP(Planner, TileIsMoreThanOneTileWhereThatCanBe, ()) {
  const PlanInput input = random_input();
  const auto layout = choose_plan(input, request(Mode::tile, random_workers()));
  RC_ASSERT(layout.has_value());
  const bool can_be_cut =
      smallest_tile(input.y) < input.y.length || smallest_tile(input.x) < input.x.length;
  RC_ASSERT((tiles_of(*layout) > 1) == can_be_cut);
}

RC_GTEST_PROP(Planner, TheTileAskedForIsFittedDownwards, ()) {
  const PlanInput input = random_input();
  PlanRequest asked = request(Mode::tile, random_workers());
  asked.tile = Size{*number_in(1, 900), *number_in(1, 900)};
  const Size fitted{fit_tile(input.y, asked.tile->height), fit_tile(input.x, asked.tile->width)};
  const auto layout = choose_plan(input, asked);
  if (fitted.height > 0 && fitted.width > 0) {
    RC_ASSERT(layout.has_value());
    RC_ASSERT(layout->candidate.tile == fitted);
    check_layout(input, asked, *layout);
    return;
  }
  RC_ASSERT(!layout.has_value());
  RC_ASSERT(layout.error().code == ErrorCode::invalid_argument);
  asked.tile = named_size(layout.error());
  RC_ASSERT(*asked.tile == (Size{smallest_tile(input.y), smallest_tile(input.x)}));
  const auto smallest = choose_plan(input, asked);
  RC_ASSERT(smallest.has_value());
  RC_ASSERT(smallest->candidate.tile == *asked.tile);
}

RC_GTEST_PROP(Planner, AGivenTileSavesMemoryByFewerWorkersAndTheLeanForm, ()) {
  const PlanInput input = random_input();
  PlanRequest asked = request(Mode::tile, 6);
  asked.tile = Size{smallest_tile(input.y), smallest_tile(input.x)};
  const auto all = choose_plan(input, asked);
  RC_ASSERT(all.has_value());
  asked.memory_bytes = all->candidate.memory.total() - 1;
  const auto fewer = choose_plan(input, asked);
  if (fewer) {
    check_layout(input, asked, *fewer);
    RC_ASSERT(fewer->candidate.tile == all->candidate.tile);
    RC_ASSERT(fewer->candidate.workers < all->candidate.workers ||
              fewer->candidate.transient_tables);
  } else {
    RC_ASSERT(fewer.error().code == ErrorCode::over_budget);
    RC_ASSERT(all->candidate.workers == 1);
  }
}

RC_GTEST_PROP(Planner, AStreamHasTheStepsAskedForAndALaneAWorker, ()) {
  const PlanInput input = random_input();
  PlanRequest asked = request(Mode::stream, random_workers());
  asked.step_rows = *number_in(1, 9) * input.y.grid;
  const auto stream = choose_plan(input, asked);
  RC_ASSERT(stream.has_value());
  RC_ASSERT(stream->candidate.stream);
  RC_ASSERT(stream->candidate.tile.height == *asked.step_rows);
  check_layout(input, asked, *stream);
}

RC_GTEST_PROP(Planner, WithoutAStreamThereAreTiles, ()) {
  PlanInput input = random_input();
  input.stream_costs = nullptr;
  const auto layout = choose_plan(input, request(Mode::automatic, random_workers()));
  RC_ASSERT(layout.has_value());
  RC_ASSERT(!layout->candidate.stream);
}

// ---- by hand

// A 1000 x 1000 image, four 3x3 convolutions.
PlanInput plain_input(const Costs& costs) {
  const AxisGeometry axis{1000, 1, 1000, 1, 4, 996};
  return plan_input(axis, axis, costs);
}

TEST(Planner, GivesEachWorkerATile) {
  const auto layout = choose_plan(plain_input({1, 100, 0}), request(Mode::automatic, 4));
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->candidate.workers, 4);
  EXPECT_EQ(tiles_of(*layout) % 4, 0);
}

TEST(Planner, PassesOnTheErrorOfTheCosts) {
  PlanInput input = plain_input({1, 100, 0});
  input.tile_costs = [](Size, bool) -> Result<TileCosts> {
    return fail(ErrorCode::invalid_argument, "no such size");
  };
  for (const Mode mode : {Mode::automatic, Mode::whole, Mode::tile}) {
    const auto layout = choose_plan(input, request(mode, 2));
    ASSERT_FALSE(layout);
    EXPECT_EQ(layout.error().message, "no such size");
  }
}

TEST(Planner, PredictsSessionsBandsFilesAndTheProcess) {
  PlanInput input = plain_input({1, 100, 7});
  input.file_bytes = 3;
  input.tile_costs = [plain = input.tile_costs](Size tile, bool) { return plain(tile, false); };
  const auto layout = choose_plan(input, request(Mode::whole, 3));
  ASSERT_TRUE(layout);
  const std::int64_t session_bytes = 7 + 100 * 1000 * 1000;
  const std::int64_t strip_bytes = 1000 * (1000 * 12 + 1000 * 12);
  EXPECT_EQ(layout->candidate.memory.total(), 5 * kMiB + 3 + session_bytes + strip_bytes);
  EXPECT_EQ(layout->candidate.memory.strip_bytes, strip_bytes);
  EXPECT_EQ(layout->candidate.memory.session_bytes(), session_bytes);
}

TEST(Planner, TakesTheLeanFormWhereOnlyThatFits) {
  const PlanInput input = plain_input({1, 100, 0});
  const auto plain = choose_plan(input, request(Mode::whole, 1));
  ASSERT_TRUE(plain);
  const std::int64_t lean_bytes = plain->candidate.memory.least_limit() -
                                  (plain->candidate.transient_tables ? 0 : 35 * 1000 * 1000);
  const auto transient_tables = choose_plan(input, request(Mode::whole, 1, lean_bytes));
  ASSERT_TRUE(transient_tables);
  EXPECT_TRUE(transient_tables->candidate.transient_tables);
  EXPECT_LT(transient_tables->candidate.memory.indirection_bytes, 50 * 1000 * 1000);
}

}  // namespace
}  // namespace sectile::internal::test
