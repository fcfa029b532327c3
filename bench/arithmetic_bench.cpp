// What Sectile itself does around the network: planning, and the copies between strips and tiles.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "src/run/planes.h"
#include "src/run/strip_reader.h"

namespace sectile::internal {
namespace {

constexpr Size kTile{288, 288};
constexpr std::int64_t kBands = 3;

// Arguments: the image's side, and the limit in MiB.
void plan_image(benchmark::State& state, const std::string& network) {
  const auto model = Model::open(SECTILE_SOURCE_DIR "/models/" + network + ".pte");
  if (!model) return state.SkipWithError(model.error().message.c_str());
  ImageInfo image;
  image.size = {state.range(0), state.range(0)};
  image.bands = kBands;
  PlanOptions options;
  options.memory_bytes = state.range(1) << 20;
  options.threads = 2;
  for (auto _ : state) {
    auto plan = make_plan(*model, image, options);
    if (!plan) return state.SkipWithError(plan.error().message.c_str());
    benchmark::DoNotOptimize(plan);
  }
}
void plan_cases(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"side", "limit_mib"})->Unit(benchmark::kMillisecond);
  for (const std::int64_t side : {1024, 8192, 32768}) benchmark->Args({side, 8192});
  benchmark->Args({8192, 512});
}
BENCHMARK_CAPTURE(plan_image, denoise, "denoise")->Apply(plan_cases);
BENCHMARK_CAPTURE(plan_image, upscale2x, "upscale2x")->Apply(plan_cases);
BENCHMARK_CAPTURE(plan_image, unet, "unet")->Apply(plan_cases);

void open_model(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Model::open(SECTILE_SOURCE_DIR "/models/unet.pte"));
}
BENCHMARK(open_model)->Unit(benchmark::kMillisecond);

struct Buffers {
  Rect strip{{0, kTile.height}, {0, 4096}};
  std::vector<float> image = std::vector<float>(static_cast<std::size_t>(strip.area() * kBands));
  std::vector<float> tile = std::vector<float>(static_cast<std::size_t>(kTile.area() * kBands));
};

void gather_tile(benchmark::State& state) {
  Buffers buffers;
  const auto layout = static_cast<Layout>(state.range(0));
  for (auto _ : state) {
    gather({buffers.image, buffers.strip, kBands}, {{0, kTile.height}, {1024, 1024 + kTile.width}},
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
    scatter(buffers.tile, layout, tile, kept, {buffers.image, buffers.strip, kBands});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * kept.area() * kBands * 4);
}
BENCHMARK(scatter_tile)
    ->Arg(static_cast<int>(Layout::planar))
    ->Arg(static_cast<int>(Layout::interleaved));

// Two strips of the input, the second of which shares rows with the first, from an image in memory.
void assemble_strips(benchmark::State& state) {
  Buffers buffers;
  const Range columns = buffers.strip.x;
  const Range first{0, kTile.height};
  const Range second = first.shifted(kTile.height - state.range(0));
  const ImageInfo info{
      .size = {second.end, columns.size()}, .bands = kBands, .pixel_type = PixelType::f32};
  const std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * kBands));
  MemorySource source(info, pixels);
  std::vector<float> below(buffers.image.size());
  for (auto _ : state) {
    StripReader reader(source, std::vector<BandScaling>(kBands));
    const Planes upper{buffers.image, {first, columns}, kBands};
    const bool done =
        reader.read(upper, {}) &&
        reader.read({below, {second, columns}, kBands}, {buffers.image, {first, columns}, kBands});
    if (!done) return state.SkipWithError("the image in memory cannot be read");
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 2 * buffers.strip.area() * kBands * 4);
}
BENCHMARK(assemble_strips)->ArgName("shared_rows")->Arg(0)->Arg(16)->Arg(96);

}  // namespace
}  // namespace sectile::internal
