// Measures the times of src/cost/machine_model.h on the machine at hand and prints both beside each
// other. Nothing is written: whoever changes the model does so by hand, with a reason.
//
// Each number is the fastest of many short measurements on one thread, so an idle machine is best.
// Plans depend on the ratios between the rows: a machine that is faster at everything gets the same
// ones.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

#include "sectile/image_files.h"
#include "sectile/sectile.h"
#include "src/cost/machine_model.h"
#include "src/cost/time.h"
#include "src/transform/resize.h"
#include "src/transform/transient_tables.h"
#include "tests/support/graph_builder.h"
#include "tests/support/graph_run.h"

namespace sectile::internal::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kBudgetSeconds = 5;  // for each measurement
constexpr int kLeastRuns = 3;
// Small enough to be done before a busy machine turns to something else.
constexpr std::int64_t kBlockBytes = std::int64_t{16} << 20;

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(1);
}

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of as many runs as fit in the budget.
double fastest(const std::function<double()>& measure) {
  const auto start = Clock::now();
  double best = std::numeric_limits<double>::max();
  for (int run = 0;
       run < kLeastRuns || Clock::now() - start < std::chrono::duration<double>(kBudgetSeconds);
       ++run) {
    best = std::min(best, measure());
  }
  return best;
}

// Three channels, eight 3x3 convolutions of so many, three again.
GraphProgram chain(std::int64_t channels) {
  constexpr int kLayers = 8;
  GraphBuilder builder({.seed = 1, .channels = 3, .size = {16, 16}, .channels_last = true});
  ValueId value = builder.convolution(builder.image(), {k3, k3}, channels);
  for (int layer = 0; layer < kLayers; ++layer) {
    value = builder.convolution(value, {k3, k3}, channels);
  }
  return must(builder.finish(builder.convolution(value, {k3, k3}, 3)));
}

Tensor noise(const GraphRun& run) { return Tensor::random(run.input(), 1, 0, 1); }

// Of a run whose session is warm.
double run_seconds(const GraphProgram& program, Size size) {
  GraphRun run = must(GraphRun::load(program, size));
  const Tensor image = noise(run);
  must(run.run(image));
  return fastest([&] { return seconds_of([&] { must(run.run(image)); }); });
}

double multiply_adds_per_second() {
  const GraphProgram wide = chain(64);
  constexpr Size kInCache{40, 40};
  return network_work(must(resize(wide.graph(), kInCache))) / run_seconds(wide, kInCache);
}

double seconds_per_table_pointer() {
  constexpr Size kSize{64, 64};
  const GraphProgram plain = chain(16);
  GraphProgram lean = plain;
  *lean.method.graph = with_transient_tables(plain.graph());
  const double pointers = indirection_seconds(must(resize(plain.graph(), kSize))) /
                          kTimeModel.seconds_per_table_pointer;
  return (run_seconds(lean, kSize) - run_seconds(plain, kSize)) / pointers;
}

// What convolutions over a large image take beyond the time that they take in the cache.
double seconds_per_byte_between_layers() {
  constexpr Size kInCache{64, 64};
  constexpr Size kLarge{256, 256};
  const GraphProgram program = chain(16);
  const double in_cache = run_seconds(program, kInCache) * static_cast<double>(kLarge.area()) /
                          static_cast<double>(kInCache.area());
  const double bytes =
      traffic_seconds(must(resize(program.graph(), kLarge))) / kTimeModel.seconds_per_copied_byte;
  return (run_seconds(program, kLarge) - in_cache) / bytes;
}

double seconds_per_copied_byte() {
  const std::vector<char> from(kBlockBytes, 1);
  std::vector<char> to(from.size());
  const double seconds = fastest(
      [&] { return seconds_of([&] { std::memcpy(to.data(), from.data(), from.size()); }); });
  return to.back() == 1 ? seconds / static_cast<double>(from.size()) : 0;
}

double seconds_per_first_touched_byte() {
  constexpr std::int64_t kPageBytes = 4096;
  const double seconds = fastest([] {
    void* block =
        ::mmap(nullptr, kBlockBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) std::abort();
    volatile char* bytes = static_cast<char*>(block);
    const double taken = seconds_of([&] {
      for (std::int64_t at = 0; at < kBlockBytes; at += kPageBytes) bytes[at] = 1;
    });
    ::munmap(block, kBlockBytes);
    return taken;
  });
  return seconds / kBlockBytes;
}

// Writing an 8-bit TIFF, a strip at a time, and reading it.
double seconds_per_value(bool with_reading) {
  constexpr std::int64_t kStripRows = 64;
  const std::string path =
      std::filesystem::temp_directory_path() / fmt::format("sectile_calibrate_{}.tif", ::getpid());
  const ImageInfo info{.size = {2048, 2048}, .bands = 3, .pixel_type = PixelType::u8};
  const std::int64_t strip_values = kStripRows * info.size.width * info.bands;
  std::vector<float> strip(static_cast<std::size_t>(strip_values), 0.5F);
  const auto each_strip = [&](const auto& work) {
    for (std::int64_t y = 0; y < info.size.height; y += kStripRows) work(y);
  };
  const double seconds = fastest([&] {
    return seconds_of([&] {
      const auto sink = must(create_image(path, info, {.overwrite = true}));
      each_strip([&](std::int64_t y) { must(sink->write({y, y + kStripRows}, strip)); });
      must(sink->finish());
      if (!with_reading) return;
      const auto source = must(open_image(path));
      each_strip([&](std::int64_t y) {
        must(source->read({{y, y + kStripRows}, {0, info.size.width}}, strip));
      });
    });
  });
  std::filesystem::remove(path);
  return seconds / static_cast<double>((with_reading ? 2 : 1) * info.size.area() * info.bands);
}
double seconds_per_file_value() { return seconds_per_value(true); }
double seconds_per_written_value() { return seconds_per_value(false); }

// Of a stream down a narrow image, a row a step.
double stream_seconds(const Model& model, std::int64_t rows) {
  const ImageInfo info{.size = {rows, 8}, .bands = 1, .pixel_type = PixelType::f32};
  const std::vector<float> pixels(static_cast<std::size_t>(info.size.area()));
  PlanOptions options;
  options.step_rows = 1;
  options.threads = 1;
  const Plan plan = must(make_plan(model, info, options));
  return fastest([&] {
    MemorySource source(info, pixels);
    MemorySink sink(plan.output_info());
    return must(run(model, plan, source, sink)).total_seconds;
  });
}

// Four convolutions of 8 channels over 8 pixels: work that hardly counts.
double seconds_per_step() {
  constexpr std::int64_t kFew = 2000;
  constexpr std::int64_t kMany = 12000;
  const Model model =
      must(Model::open(SECTILE_SOURCE_DIR "/tests/networks/programs/four_conv.pte"));
  return (stream_seconds(model, kMany) - stream_seconds(model, kFew)) / (kMany - kFew);
}

// Writing, loading and the first run, which packs the weights; less a run that is warm.
double seconds_per_program() {
  constexpr Size kStep{8, 64};
  const GraphProgram program = chain(16);
  const double with_load = fastest([&] {
    return seconds_of([&] {
      GraphRun run = must(GraphRun::load(program, kStep));
      must(run.run(noise(run)));
    });
  });
  return with_load - run_seconds(program, kStep);
}

struct Row {
  std::string_view name;
  std::string_view unit;
  double units_per_one;  // of the unit in which it is printed
  double model;
  double (*measure)();
};

constexpr std::array kRows = {
    Row{"multiply_adds_per_second", "10^9/s", 1e-9, kTimeModel.multiply_adds_per_second,
        multiply_adds_per_second},
    Row{"seconds_per_table_pointer", "ns", 1e9, kTimeModel.seconds_per_table_pointer,
        seconds_per_table_pointer},
    Row{"seconds_per_copied_byte (layers)", "ps", 1e12, kTimeModel.seconds_per_copied_byte,
        seconds_per_byte_between_layers},
    Row{"seconds_per_copied_byte (memcpy)", "ps", 1e12, kTimeModel.seconds_per_copied_byte,
        seconds_per_copied_byte},
    Row{"seconds_per_first_touched_byte", "ps", 1e12, kTimeModel.seconds_per_first_touched_byte,
        seconds_per_first_touched_byte},
    Row{"seconds_per_file_value", "ns", 1e9, kTimeModel.seconds_per_file_value,
        seconds_per_file_value},
    Row{"seconds_per_written_value", "ns", 1e9, kTimeModel.seconds_per_written_value,
        seconds_per_written_value},
    Row{"seconds_per_step (four nodes)", "us", 1e6,
        kTimeModel.seconds_per_step + 4 * kTimeModel.seconds_per_step_node, seconds_per_step},
    Row{"seconds_per_program", "us", 1e6, kTimeModel.seconds_per_program, seconds_per_program}};

void print_table() {
  fmt::print("{:<34}{:<8}{:>16}{:>10}{:>8}\n", "constant", "unit", "machine_model.h", "here",
             "ratio");
  for (const Row& row : kRows) {
    const double here = row.measure();
    fmt::print("{:<34}{:<8}{:>16.2f}{:>10.2f}{:>8.2f}\n", row.name, row.unit,
               row.model * row.units_per_one, here * row.units_per_one, here / row.model);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace sectile::internal::test

int main() { sectile::internal::test::print_table(); }
