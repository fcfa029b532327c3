// The planner over random axes and costs that grow with the tile's area, as a network's do.
#include "src/plan/planner.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/plan/axis.h"
#include "tests/plan/random_axis.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

// The costs of a network: work by the area, memory by the area and something fixed.
struct Costs {
  double work_per_px = 1;
  std::int64_t bytes_per_px = 0;
  std::int64_t fixed_bytes = 0;
};

class FakeNetwork : public NetworkCosts {
 public:
  FakeNetwork(Size image, const Costs& costs) : image_(image), costs_(costs) {}

  // Half of what grows is tables, of which a lean session keeps an eighth.
  Result<TileCosts> tile(Size size, bool transient_tables) override {
    const std::int64_t bytes = costs_.bytes_per_px * size.area() / 2;
    const double work = costs_.work_per_px * static_cast<double>(size.area());
    TileCosts tile;
    tile.work = work;
    tile.indirection_seconds = work / 1e10;
    tile.session.weight_bytes = costs_.fixed_bytes;
    tile.session.indirection_bytes = transient_tables ? bytes / 8 : bytes;
    tile.session.workspace_bytes = bytes;
    return tile;
  }

  bool can_stream() const override { return can_stream_; }
  void refuse_streams() { can_stream_ = false; }

  // A lane holds some rows of everything, and recomputes some columns beside each other lane.
  Result<StreamCosts> stream(std::int64_t step_rows, int lanes, bool transient_tables) override {
    StreamCosts stream;
    stream.lanes = std::min<std::int64_t>(lanes, image_.width);
    const std::int64_t width = image_.width / stream.lanes + (stream.lanes > 1 ? 9 : 0);
    stream.step = {step_rows, width};
    stream.work = costs_.work_per_px * static_cast<double>(image_.height * width);
    stream.all_work = stream.work * static_cast<double>(stream.lanes);
    stream.steps = ceil_div(image_.height, step_rows) + 1;
    stream.programs = std::min<std::int64_t>(3, stream.steps);
    stream.session.indirection_bytes =
        (transient_tables ? 0 : 1) * costs_.bytes_per_px * step_rows * width / 2;
    stream.indirection_seconds = static_cast<double>(stream.session.indirection_bytes) / 1e9;
    stream.session.weight_bytes = costs_.fixed_bytes;
    stream.history_bytes = costs_.bytes_per_px * (step_rows + 4) * width;
    stream.output_rows = step_rows;
    return stream;
  }

 private:
  Size image_;
  Costs costs_;
  bool can_stream_ = true;
};

// One that accepts no size.
class RefusingNetwork final : public FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;
  Result<TileCosts> tile(Size, bool) override {
    return fail(ErrorCode::invalid_argument, "no such size");
  }
};

// One whose tables cannot be transient.
class PlainNetwork final : public FakeNetwork {
 public:
  using FakeNetwork::FakeNetwork;
  Result<TileCosts> tile(Size size, bool) override { return FakeNetwork::tile(size, false); }
};

// An image and the network to run over it.
template <typename Network>
struct Case {
  PlanInput input;
  Network network;

  Result<Choice> choose(const PlanRequest& asked) { return choose_plan(input, network, asked); }
};

template <typename Network>
Case<Network> make_case(const AxisGeometry& y, const AxisGeometry& x, const Costs& costs) {
  PlanInput input;
  input.y = y;
  input.x = x;
  input.input_row_bytes = x.length * 12;
  input.output_row_bytes = x.output_length * 12;
  input.process_bytes = 5 * kMiB;
  return {input, Network({y.length, x.length}, costs)};
}

Case<FakeNetwork> random_case() {
  const Costs costs{static_cast<double>(*number_in(1, 1000)), *number_in(1, 4000),
                    *number_in(0, 4 * kMiB)};
  return make_case<FakeNetwork>(*random_axis(800), *random_axis(800), costs);
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

// The last number of "... is 123 MiB (--memory 123M)".
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

void check_layout(Case<FakeNetwork>& image, const PlanRequest& asked, const Choice& layout) {
  const PlanInput& input = image.input;
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
      static_cast<double>(tiles_of(layout)) * image.network.tile(chosen.tile, false)->work;
  const double whole = image.network.tile({input.y.length, input.x.length}, false)->work;
  RC_ASSERT(std::abs(layout.compute_ratio - work / whole) < 1e-9);
}

RC_GTEST_PROP(Planner, LaysOutWhatItPromises, ()) {
  auto image = random_case();
  const Mode mode = *rc::gen::element(Mode::automatic, Mode::whole, Mode::tile, Mode::stream);
  const PlanRequest asked = request(mode, random_workers());
  const auto layout = image.choose(asked);
  RC_ASSERT(layout.has_value());
  RC_CLASSIFY(tiles_of(*layout) > 1, "more than one tile");
  check_layout(image, asked, *layout);
}

void check_memory_buys_time(Case<FakeNetwork> image, PlanRequest asked) {
  const auto free = image.choose(asked);
  RC_ASSERT(free.has_value());
  double fastest = predicted_time(*free);
  std::int64_t memory = free->candidate.memory.least_limit();
  // From what the free choice needs downwards, until nothing fits.
  for (asked.memory_bytes = memory;; asked.memory_bytes = memory / 100 * *number_in(60, 99)) {
    const auto layout = image.choose(asked);
    if (!layout) return;
    check_layout(image, asked, *layout);
    const double time = predicted_time(*layout);
    RC_ASSERT(time >= fastest * 0.999999);
    fastest = time;
    memory = asked.memory_bytes;
  }
}

RC_GTEST_PROP(Planner, MoreMemoryNeverGivesASlowerPlan, ()) {
  check_memory_buys_time(random_case(), request(Mode::automatic, random_workers()));
}

RC_GTEST_PROP(Planner, MoreSpareMemoryNeverGivesASlowerPlan, ()) {
  PlanRequest asked = request(Mode::automatic, random_workers());
  asked.spare_memory = true;
  check_memory_buys_time(random_case(), asked);
}

RC_GTEST_PROP(Planner, SpareMemoryIsTradedForTime, ()) {
  auto image = random_case();
  PlanRequest asked = request(Mode::automatic, random_workers());
  const auto fast = image.choose(asked);
  asked.spare_memory = true;
  const auto spare = image.choose(asked);
  RC_ASSERT(fast.has_value());
  RC_ASSERT(spare.has_value());
  RC_ASSERT(predicted_time(*fast) == 1.0);
  RC_ASSERT(spare->candidate.memory.total() <= fast->candidate.memory.total());
}

RC_GTEST_PROP(Planner, TheMemoryItNamesIsEnough, ()) {
  auto image = random_case();
  const int workers = random_workers();
  const Mode mode = *rc::gen::element(Mode::automatic, Mode::whole, Mode::tile, Mode::stream);
  const auto refused = image.choose(request(mode, workers, kMiB));
  RC_ASSERT(!refused.has_value());
  RC_ASSERT(refused.error().code == ErrorCode::over_budget);
  const std::int64_t named = named_bytes(refused.error());
  RC_ASSERT(image.choose(request(mode, workers, named)).has_value());
  RC_ASSERT(!image.choose(request(mode, workers, named - kMiB)).has_value());
}

RC_GTEST_PROP(Planner, WholeIsOneTile, ()) {
  auto image = random_case();
  const auto layout = image.choose(request(Mode::whole, random_workers()));
  RC_ASSERT(layout.has_value());
  RC_ASSERT(layout->candidate.tile == (Size{image.input.y.length, image.input.x.length}));
  RC_ASSERT(layout->candidate.workers == 1);
  RC_ASSERT(layout->compute_ratio == 1.0);
}

RC_GTEST_PROP(Planner, TileIsMoreThanOneTileWhereThatCanBe, ()) {
  auto image = random_case();
  const auto layout = image.choose(request(Mode::tile, random_workers()));
  RC_ASSERT(layout.has_value());
  const bool can_be_cut = smallest_tile(image.input.y) < image.input.y.length ||
                          smallest_tile(image.input.x) < image.input.x.length;
  RC_ASSERT((tiles_of(*layout) > 1) == can_be_cut);
}

RC_GTEST_PROP(Planner, TheTileAskedForIsFittedDownwards, ()) {
  auto image = random_case();
  PlanRequest asked = request(Mode::tile, random_workers());
  asked.tile = Size{*number_in(1, 900), *number_in(1, 900)};
  const Size fitted{fit_tile(image.input.y, asked.tile->height),
                    fit_tile(image.input.x, asked.tile->width)};
  const auto layout = image.choose(asked);
  if (fitted.height > 0 && fitted.width > 0) {
    RC_ASSERT(layout.has_value());
    RC_ASSERT(layout->candidate.tile == fitted);
    check_layout(image, asked, *layout);
    return;
  }
  RC_ASSERT(!layout.has_value());
  RC_ASSERT(layout.error().code == ErrorCode::invalid_argument);
  asked.tile = named_size(layout.error());
  RC_ASSERT(*asked.tile == (Size{smallest_tile(image.input.y), smallest_tile(image.input.x)}));
  const auto smallest = image.choose(asked);
  RC_ASSERT(smallest.has_value());
  RC_ASSERT(smallest->candidate.tile == *asked.tile);
}

RC_GTEST_PROP(Planner, AGivenTileSavesMemoryByFewerWorkersAndTheLeanForm, ()) {
  auto image = random_case();
  PlanRequest asked = request(Mode::tile, 6);
  asked.tile = Size{smallest_tile(image.input.y), smallest_tile(image.input.x)};
  const auto all = image.choose(asked);
  RC_ASSERT(all.has_value());
  asked.memory_bytes = all->candidate.memory.total() - 1;
  const auto fewer = image.choose(asked);
  if (fewer) {
    check_layout(image, asked, *fewer);
    RC_ASSERT(fewer->candidate.tile == all->candidate.tile);
    RC_ASSERT(fewer->candidate.workers < all->candidate.workers ||
              fewer->candidate.transient_tables);
  } else {
    RC_ASSERT(fewer.error().code == ErrorCode::over_budget);
    RC_ASSERT(all->candidate.workers == 1);
  }
}

RC_GTEST_PROP(Planner, AStreamHasTheStepsAskedForAndALaneAWorker, ()) {
  auto image = random_case();
  PlanRequest asked = request(Mode::stream, random_workers());
  asked.step_rows = *number_in(1, 9) * image.input.y.grid;
  const auto stream = image.choose(asked);
  RC_ASSERT(stream.has_value());
  RC_ASSERT(stream->candidate.stream);
  RC_ASSERT(stream->candidate.tile.height == *asked.step_rows);
  check_layout(image, asked, *stream);
}

RC_GTEST_PROP(Planner, WithoutAStreamThereAreTiles, ()) {
  auto image = random_case();
  image.network.refuse_streams();
  const auto layout = image.choose(request(Mode::automatic, random_workers()));
  RC_ASSERT(layout.has_value());
  RC_ASSERT(!layout->candidate.stream);
}

// ---- by hand

// A 1000 x 1000 image, four 3x3 convolutions.
template <typename Network = FakeNetwork>
Case<Network> plain_case(const Costs& costs) {
  const AxisGeometry axis{1000, 1, 1000, 1, 4, 996};
  return make_case<Network>(axis, axis, costs);
}

TEST(Planner, GivesEachWorkerATile) {
  const auto layout = plain_case({1, 100, 0}).choose(request(Mode::automatic, 4));
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->candidate.workers, 4);
  EXPECT_EQ(tiles_of(*layout) % 4, 0);
}

TEST(Planner, PassesOnTheErrorOfTheCosts) {
  auto image = plain_case<RefusingNetwork>({1, 100, 0});
  for (const Mode mode : {Mode::automatic, Mode::whole, Mode::tile}) {
    const auto layout = image.choose(request(mode, 2));
    ASSERT_FALSE(layout);
    EXPECT_EQ(layout.error().message, "no such size");
  }
}

TEST(Planner, PredictsSessionsBandsFilesAndTheProcess) {
  auto image = plain_case<PlainNetwork>({1, 100, 7});
  image.input.file_bytes = 3;
  const auto layout = image.choose(request(Mode::whole, 3));
  ASSERT_TRUE(layout);
  const std::int64_t session_bytes = 7 + 100 * 1000 * 1000;
  const std::int64_t strip_bytes = 1000 * (1000 * 12 + 1000 * 12);
  const std::int64_t pool_bytes = 2 * kMemoryModel.pool_thread_bytes;
  EXPECT_EQ(layout->candidate.memory.total(),
            5 * kMiB + 3 + session_bytes + strip_bytes + pool_bytes);
  EXPECT_EQ(layout->candidate.memory.strip_bytes, strip_bytes);
  EXPECT_EQ(layout->candidate.memory.session_bytes(), session_bytes);
}

TEST(Planner, TakesTheLeanFormWhereOnlyThatFits) {
  auto image = plain_case({1, 100, 0});
  const auto plain = image.choose(request(Mode::whole, 1));
  ASSERT_TRUE(plain);
  const std::int64_t lean_bytes = plain->candidate.memory.least_limit() -
                                  (plain->candidate.transient_tables ? 0 : 35 * 1000 * 1000);
  const auto transient_tables = image.choose(request(Mode::whole, 1, lean_bytes));
  ASSERT_TRUE(transient_tables);
  EXPECT_TRUE(transient_tables->candidate.transient_tables);
  EXPECT_LT(transient_tables->candidate.memory.indirection_bytes, 50 * 1000 * 1000);
}

}  // namespace
}  // namespace sectile::internal::test
