// Random networks: the derived reach against the found one, and tiles against the whole, bit by
// bit.
//
// SECTILE_RANDOM_GRAPHS sets how many networks each test tries, SECTILE_RANDOM_SEED the first of
// them. A failure names its seed: SECTILE_RANDOM_GRAPHS=1 SECTILE_RANDOM_SEED=<seed> repeats it.
#include "tests/support/random_graph.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "src/footprint/tileability.h"
#include "src/graph/infer.h"
#include "src/plan/axis.h"
#include "tests/footprint/found_reach.h"
#include "tests/support/size_that_runs.h"

namespace sectile::internal::test {
namespace {

constexpr std::uint64_t kDefaultGraphs = 40;

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

// Calls check(seed) for each seed of this run.
template <typename Check>
void for_each_seed(Check check) {
  const std::uint64_t first = from_environment("SECTILE_RANDOM_SEED", 1);
  const std::uint64_t count = from_environment("SECTILE_RANDOM_GRAPHS", kDefaultGraphs);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    check(seed);
    if (testing::Test::HasFailure()) return;
  }
}

std::string trace(std::uint64_t seed, const Graph& graph) {
  return "seed " + std::to_string(seed) + ", " + to_string(graph.input_shape()) + "\n" +
         describe(graph);
}

// ---- reach

void check_reach(std::uint64_t seed, bool positive) {
  const auto program = make_random_graph({seed, positive});
  ASSERT_TRUE(program) << program.error().message;
  SCOPED_TRACE(trace(seed, program->graph()));
  ASSERT_EQ(check_tileable(program->graph()).verdict, Verdict::exact);
  const Footprint footprint = derive_footprint(program->graph());
  const auto found = find_reach(*program, footprint, positive ? kHugeChange : kSmallChange);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_LE(found->top, footprint.y.reach_before);
  EXPECT_LE(found->bottom, footprint.y.reach_after);
  EXPECT_LE(found->left, footprint.x.reach_before);
  EXPECT_LE(found->right, footprint.x.reach_after);
  if (!positive) return;
  EXPECT_EQ(found->top, footprint.y.reach_before);
  EXPECT_EQ(found->bottom, footprint.y.reach_after);
  EXPECT_EQ(found->left, footprint.x.reach_before);
  EXPECT_EQ(found->right, footprint.x.reach_after);
}

TEST(RandomGraph, FindsTheWholeDerivedReachWithPositiveWeights) {
  for_each_seed([](std::uint64_t seed) { check_reach(seed, true); });
}

TEST(RandomGraph, FindsNoMoreThanTheDerivedReachWithAnyWeights) {
  for_each_seed([](std::uint64_t seed) { check_reach(seed, false); });
}

// ---- tiles

struct TiledImage {
  const GraphProgram& program;
  AxisGeometry y;
  AxisGeometry x;
  Tensor input;
  Tensor output;  // of one run over the whole
};

Result<TiledImage> run_whole(const GraphProgram& program, Size image, std::uint64_t seed) {
  const Graph& graph = program.graph();
  Footprint footprint = derive_footprint(graph);
  footprint.fixed_sizes = true;
  const auto size = extended_size(graph, footprint, size_that_runs(graph, footprint, image));
  if (!size) return fail(size.error());
  const auto shapes = infer_shapes(graph, *size);
  if (!shapes) return fail(shapes.error());
  auto run = GraphRun::load(program, *size);
  if (!run) return fail(run.error());
  Tensor input = Tensor::random(run->input(), seed, -1, 1);
  auto output = run->run(input);
  if (!output) return fail(output.error());
  return TiledImage{program, axis_geometry(graph, footprint.y, Axis::y, *shapes),
                    axis_geometry(graph, footprint.x, Axis::x, *shapes), std::move(input),
                    std::move(*output)};
}

void expect_equal_tiles(const TiledImage& image, Size tile) {
  SCOPED_TRACE("image " + to_string(image.input.spec.size) + ", tiles of " + to_string(tile));
  auto run = GraphRun::load_tile(image.program, tile, image.input.spec.size);
  ASSERT_TRUE(run) << run.error().message;
  for (const AxisTile& rows : place_tiles(image.y, tile.height)) {
    for (const AxisTile& columns : place_tiles(image.x, tile.width)) {
      const auto output = run->run(image.input.cut({rows.input, columns.input}),
                                   {rows.input.begin, columns.input.begin});
      ASSERT_TRUE(output) << output.error().message;
      // Where the tile's own first row lies in the whole output.
      const std::int64_t top = rows.input.begin / image.y.grid * image.y.output_grid;
      const std::int64_t left = columns.input.begin / image.x.grid * image.x.output_grid;
      const Rect kept{rows.output, columns.output};
      ASSERT_EQ(count_differing(image.output, kept, *output, top, left), 0)
          << "of " << kept.area() << " pixels of " << to_string(kept);
    }
  }
}

// The tile that a random number of tiles up to `most` along each axis asks for.
Size random_tile(const TiledImage& image, Size most, std::mt19937_64& engine) {
  const auto count = [&](std::int64_t limit) {
    return 1 + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(limit));
  };
  return {tile_length(image.y, count(most.height)), tile_length(image.x, count(most.width))};
}

// Returns how many tilings had more than one tile.
int check_tilings(const TiledImage& image, std::mt19937_64& engine) {
  const std::vector<Size> tiles = {random_tile(image, {2, 3}, engine),
                                   random_tile(image, {3, 1}, engine),
                                   random_tile(image, {7, 4}, engine),
                                   {smallest_tile(image.y), smallest_tile(image.x)}};
  int cut = 0;
  for (const Size& tile : tiles) {
    expect_equal_tiles(image, tile);
    if (tile != image.input.spec.size) ++cut;
    if (testing::Test::HasFailure()) break;
  }
  return cut;
}

// An image that some tiles fit into, of no particular size.
Size random_size(const Footprint& footprint, std::mt19937_64& engine) {
  const auto length = [&](const AxisFootprint& axis) {
    const std::int64_t least = axis.reach_before + axis.reach_after + 3 * axis.grid;
    return least + static_cast<std::int64_t>(engine() % 50);
  };
  return {length(footprint.y), length(footprint.x)};
}

int check_tiles(std::uint64_t seed) {
  const auto program = make_random_graph({seed, seed % 4 == 0});
  EXPECT_TRUE(program) << program.error().message;
  if (!program) return 0;
  SCOPED_TRACE(trace(seed, program->graph()));
  std::mt19937_64 engine(seed);
  int cut = 0;
  for (int repeat = 0; repeat < 2 && !testing::Test::HasFailure(); ++repeat) {
    const Size size = random_size(derive_footprint(program->graph()), engine);
    const auto image = run_whole(*program, size, seed);
    EXPECT_TRUE(image) << to_string(size) << ": " << image.error().message;
    if (image) cut += check_tilings(*image, engine);
  }
  return cut;
}

TEST(RandomGraph, GivesTheSameBitsInTiles) {
  int cut = 0;
  int graphs = 0;
  for_each_seed([&](std::uint64_t seed) {
    cut += check_tiles(seed);
    ++graphs;
  });
  // Most of the eight tilings of a network must have been real ones.
  EXPECT_GE(cut, 4 * graphs);
}

}  // namespace
}  // namespace sectile::internal::test
