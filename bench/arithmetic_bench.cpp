// What Sectile itself does around the network: planning, and the copies between bands and tiles.
#include <benchmark/benchmark.h>

#include <vector>

#include "sectile/sectile.h"
#include "src/run/planes.h"

namespace sectile {
namespace {

constexpr Size kTile{288, 288};
constexpr std::int64_t kBands = 3;

void plan_image(benchmark::State& state) {
  const auto model = Model::open(SECTILE_SOURCE_DIR "/models/denoise.pte");
  if (!model) return state.SkipWithError(model.error().message.c_str());
  ImageInfo image;
  image.size = {state.range(0), state.range(0)};
  image.bands = kBands;
  PlanOptions options;
  options.memory_bytes = std::int64_t{8} << 30;
  options.threads = 2;
  for (auto _ : state) {
    auto plan = make_plan(*model, image, options);
    if (!plan) return state.SkipWithError(plan.error().message.c_str());
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(plan_image)->Arg(1024)->Arg(8192)->Arg(32768)->Unit(benchmark::kMillisecond);

void open_model(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Model::open(SECTILE_SOURCE_DIR "/models/unet.pte"));
}
BENCHMARK(open_model)->Unit(benchmark::kMillisecond);

struct Buffers {
  Rect band{{0, kTile.height}, {0, 4096}};
  std::vector<float> image = std::vector<float>(static_cast<std::size_t>(band.area() * kBands));
  std::vector<float> tile = std::vector<float>(static_cast<std::size_t>(kTile.area() * kBands));
};

void gather_tile(benchmark::State& state) {
  Buffers buffers;
  const auto layout = static_cast<Layout>(state.range(0));
  for (auto _ : state) {
    gather({buffers.image, buffers.band, kBands}, {{0, kTile.height}, {1024, 1024 + kTile.width}},
           layout, buffers.tile);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * kTile.area() * kBands * 4);
}
BENCHMARK(gather_tile)
    ->Arg(static_cast<int>(Layout::planar))
    ->Arg(static_cast<int>(Layout::interleaved));

void scatter_tile(benchmark::State& state) {
  Buffers buffers;
  const auto layout = static_cast<Layout>(state.range(0));
  const Rect tile{{0, kTile.height}, {1024, 1024 + kTile.width}};
  const Rect kept{{8, kTile.height - 8}, {1032, 1024 + kTile.width - 8}};
  for (auto _ : state) {
    scatter(buffers.tile, layout, tile, kept, {buffers.image, buffers.band, kBands});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * kept.area() * kBands * 4);
}
BENCHMARK(scatter_tile)
    ->Arg(static_cast<int>(Layout::planar))
    ->Arg(static_cast<int>(Layout::interleaved));

}  // namespace
}  // namespace sectile
