#include "tests/run/pipeline_setup.h"

#include <algorithm>
#include <utility>

#include "src/plan/plan_data.h"
#include "tests/image/float_image.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kReach = 1;

std::vector<AxisTile> spans(std::int64_t length, std::int64_t tile, std::int64_t scale,
                            std::int64_t output_length) {
  if (tile >= length) return {{{0, length}, {0, output_length}}};
  std::vector<AxisTile> out;
  std::int64_t start = 0;
  std::int64_t output_begin = 0;
  while (output_begin < output_length) {
    const bool last = start + tile == length;
    const std::int64_t next = std::min(start + tile - 2 * kReach, length - tile);
    const std::int64_t end =
        last ? output_length : std::min(output_length, (next + kReach) * scale);
    out.push_back({{start, start + tile}, {output_begin, end}});
    output_begin = end;
    start = next;
  }
  return out;
}

// The position of a value in a buffer of `spec`.
std::size_t place(const TensorSpec& spec, std::int64_t channel, std::int64_t y, std::int64_t x) {
  const std::int64_t pixel = y * spec.size.width + x;
  return static_cast<std::size_t>(spec.layout == Layout::planar ? channel * spec.size.area() + pixel
                                                                : pixel * spec.channels + channel);
}

float value_or_zero(std::span<const float> values, const TensorSpec& spec, std::int64_t channel,
                    std::int64_t y, std::int64_t x) {
  const bool inside = y >= 0 && y < spec.size.height && x >= 0 && x < spec.size.width;
  return inside ? values[place(spec, channel, y, x)] : 0.0F;
}

void compute(const FakeRun& run, std::int64_t scale) {
  const TensorSpec& in = run.input_spec;
  const TensorSpec& out = run.output_spec;
  for (std::int64_t channel = 0; channel < out.channels; ++channel) {
    for (std::int64_t y = 0; y < out.size.height; ++y) {
      for (std::int64_t x = 0; x < out.size.width; ++x) {
        const auto pixel = [&](std::int64_t row, std::int64_t column) {
          return value_or_zero(run.input, in, channel, row, column);
        };
        run.output[place(out, channel, y, x)] = pixel(y / scale, x / scale) +
                                                2 * pixel(y / scale - 1, x / scale) +
                                                4 * pixel(y / scale, x / scale + 1);
      }
    }
  }
}

TensorSpec spec_of(const FakeImage& image, Size size) { return {image.bands, size, image.layout}; }

Size times(Size size, std::int64_t scale) { return {size.height * scale, size.width * scale}; }

}  // namespace

PlanData fake_plan(const FakeImage& image, Size tile, int workers) {
  PlanData plan;
  plan.mode = Mode::tile;
  plan.image = image.size;
  plan.extended = image.extended;
  plan.output = times(image.size, image.scale);
  plan.window = Rect::of(plan.output);
  plan.part = Rect::of(image.extended);
  plan.input_window = Rect::of(image.size);
  plan.tile = {std::min(tile.height, image.extended.height),
               std::min(tile.width, image.extended.width)};
  plan.rows = spans(image.extended.height, tile.height, image.scale, plan.output.height);
  plan.columns = spans(image.extended.width, tile.width, image.scale, plan.output.width);
  plan.workers = workers;
  plan.input_image = float_image(image.size, image.bands);
  plan.output_image = plan.input_image;
  plan.output_image.size = plan.output;
  plan.network_bands = image.bands;
  return plan;
}

std::vector<float> fake_pixels(const FakeImage& image) {
  std::vector<float> pixels(static_cast<std::size_t>(image.size.area() * image.bands));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>((i * 7919) % 4093);
  return pixels;
}

FakeFunction fake_network(std::int64_t scale) {
  return [scale](const FakeRun& run) -> Status {
    compute(run, scale);
    return {};
  };
}

std::vector<float> fake_result(const FakeImage& image) {
  const TensorSpec in{image.bands, image.extended, Layout::planar};
  const TensorSpec out{image.bands, times(image.extended, image.scale), Layout::planar};
  const auto pixels = fake_pixels(image);
  std::vector<float> extended(static_cast<std::size_t>(in.values()));
  std::vector<float> whole(static_cast<std::size_t>(out.values()));
  const TensorSpec given{image.bands, image.size, Layout::planar};
  for (std::int64_t channel = 0; channel < image.bands; ++channel) {
    for (std::int64_t y = 0; y < image.extended.height; ++y) {
      for (std::int64_t x = 0; x < image.extended.width; ++x) {
        extended[place(in, channel, y, x)] = pixels[place(
            given, channel, std::min(y, image.size.height - 1), std::min(x, image.size.width - 1))];
      }
    }
  }
  compute({0, 0, 0, in, out, extended, whole}, image.scale);
  const TensorSpec wanted{image.bands, times(image.size, image.scale), Layout::planar};
  std::vector<float> result(static_cast<std::size_t>(wanted.values()));
  for (std::int64_t channel = 0; channel < image.bands; ++channel) {
    for (std::int64_t y = 0; y < wanted.size.height; ++y) {
      for (std::int64_t x = 0; x < wanted.size.width; ++x) {
        result[place(wanted, channel, y, x)] = whole[place(out, channel, y, x)];
      }
    }
  }
  return result;
}

Result<RunReport> FakeRunner::run() {
  const PlanData plan = fake_plan(image, tile, workers);
  const auto input = fake_pixels(image);
  MemorySource memory_source(float_image(image.size, image.bands), input);
  MemorySink memory_sink(plan.output_image);
  const auto source = wrap_source ? wrap_source(memory_source) : nullptr;
  const auto sink = wrap_sink ? wrap_sink(memory_sink) : nullptr;
  FakeProgram program(network, on_load);
  const TensorSpec in = spec_of(image, plan.tile);
  const TensorSpec out = spec_of(image, times(plan.tile, image.scale));
  const Ratio ratio{image.scale, 1};
  const PipelineSetup setup{plan, tile_workers({ratio, ratio}, [&] {
                              return program.load("tile", in, out, Threading::caller);
                            })};
  PipelineState state;
  auto report = run_pipeline(setup, state, source ? *source : memory_source,
                             sink ? *sink : memory_sink, options);
  state = {};
  pixels.assign(memory_sink.pixels().begin(), memory_sink.pixels().end());
  finished = memory_sink.finished();
  runs = program.counts().runs;
  live_sessions = program.counts().live_sessions;
  return report;
}

}  // namespace sectile::internal
