#include "tests/support/graph_run.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <utility>

#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/prepare_kernels.h"
#include "src/transform/resize.h"

namespace sectile::internal::test {

namespace {

constexpr const char* kMethodName = "test";

std::size_t index_of(const TensorSpec& spec, std::int64_t channel, std::int64_t y, std::int64_t x) {
  const std::int64_t pixel = y * spec.size.width + x;
  return static_cast<std::size_t>(spec.layout == Layout::planar ? channel * spec.size.area() + pixel
                                                                : pixel * spec.channels + channel);
}

TensorSpec spec_of(const ProgramTensor& tensor, const Value& value) {
  const Shape& shape = value.shape;
  const bool planar = tensor.dim_order[1] == 1;
  return {shape.dims[planar ? 1 : 3],
          {shape.length(Axis::y), shape.length(Axis::x)},
          planar ? Layout::planar : Layout::interleaved,
          value.type};
}

}  // namespace

Tensor Tensor::zeros(const TensorSpec& spec) {
  return {spec, std::vector<float>(static_cast<std::size_t>(spec.values()))};
}

Tensor Tensor::random(const TensorSpec& spec, std::uint64_t seed, float low, float high) {
  Tensor tensor = zeros(spec);
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::ranges::generate(tensor.values, [&] { return uniform(engine); });
  return tensor;
}

float& Tensor::at(std::int64_t channel, std::int64_t y, std::int64_t x) {
  return values[index_of(spec, channel, y, x)];
}
const float& Tensor::at(std::int64_t channel, std::int64_t y, std::int64_t x) const {
  return values[index_of(spec, channel, y, x)];
}

Tensor Tensor::cut(Rect part) const {
  Tensor out = zeros({spec.channels, part.size(), spec.layout});
  for (std::int64_t channel = 0; channel < spec.channels; ++channel) {
    for (std::int64_t y = part.y.begin; y < part.y.end; ++y) {
      for (std::int64_t x = part.x.begin; x < part.x.end; ++x) {
        out.at(channel, y - part.y.begin, x - part.x.begin) = at(channel, y, x);
      }
    }
  }
  return out;
}

bool Tensor::finite() const {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

bool pixel_differs(const Tensor& a, std::int64_t a_y, std::int64_t a_x, const Tensor& b,
                   std::int64_t b_y, std::int64_t b_x) {
  for (std::int64_t channel = 0; channel < a.spec.channels; ++channel) {
    const auto left = std::bit_cast<std::uint32_t>(a.at(channel, a_y, a_x));
    const auto right = std::bit_cast<std::uint32_t>(b.at(channel, b_y, b_x));
    if (left != right) return true;
  }
  return false;
}

std::int64_t count_differing(const Tensor& a, Rect rect, const Tensor& b, std::int64_t b_y,
                             std::int64_t b_x) {
  std::int64_t differing = 0;
  for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
    for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
      differing += pixel_differs(a, y, x, b, y - b_y, x - b_x) ? 1 : 0;
    }
  }
  return differing;
}

Result<GraphRun> GraphRun::load_tile(const GraphProgram& program, Size tile, Size image) {
  const auto graph = resize_to_tile(program.graph(), tile, image);
  if (!graph) return fail(graph.error());
  if (auto status = prepare_kernels(*graph); !status) return fail(status.error());
  const std::array methods{MethodToWrite{kMethodName, &program.method, &*graph}};
  auto file = write_program(methods, program.weights, IoMemory::caller);
  if (!file) return fail(file.error());
  auto loaded = load_program(std::move(*file));
  if (!loaded) return fail(loaded.error());
  const TensorSpec input = spec_of(program.method.inputs[0], graph->values[graph->input]);
  const TensorSpec output = spec_of(program.method.outputs[0], graph->values[graph->output]);
  auto session = (*loaded)->load(kMethodName, input, output, Threading::caller);
  if (!session) return fail(session.error());
  auto input_buffer = TileBuffer::allocate(input.values());
  if (!input_buffer) return fail(input_buffer.error());
  auto output_buffer = TileBuffer::allocate(output.values());
  if (!output_buffer) return fail(output_buffer.error());
  GraphRun run;
  run.program_ = std::move(*loaded);
  run.session_ = std::move(*session);
  run.input_ = std::move(*input_buffer);
  run.output_ = std::move(*output_buffer);
  return run;
}

Result<Tensor> GraphRun::run(const Tensor& values, Position at) {
  session_->stand_at(at);
  std::ranges::copy(values.values, input_.values().begin());
  const auto done = session_->run(input_.values(), output_.values());
  if (!done) return fail(done.error());
  return Tensor{output(), {output_.values().begin(), output_.values().end()}};
}

}  // namespace sectile::internal::test
