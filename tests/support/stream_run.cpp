#include "tests/support/stream_run.h"

#include <bit>
#include <memory>
#include <utility>

#include "src/plan/stream_networks.h"
#include "src/run/stream_worker.h"
#include "src/session/step_session.h"
#include "src/transform/resize.h"
#include "src/transform/stream.h"

namespace sectile::internal::test {

namespace {

Tensor turned(const Tensor& tensor, Layout layout) {
  Tensor out = Tensor::zeros({tensor.spec.channels, tensor.spec.size, layout, tensor.spec.type});
  for (std::int64_t channel = 0; channel < tensor.spec.channels; ++channel) {
    for (std::int64_t y = 0; y < tensor.spec.size.height; ++y) {
      for (std::int64_t x = 0; x < tensor.spec.size.width; ++x) {
        out.at(channel, y, x) = tensor.at(channel, y, x);
      }
    }
  }
  return out;
}

Status run_lane(const GraphProgram& program, StreamNetwork made, const Tensor& planar,
                Tensor& output) {
  const auto network = std::make_shared<const StreamNetwork>(std::move(made));
  const auto worker = stream_workers(
      [&](int) {
        return StreamLane::create(network, [&](const StepGraph& step) {
          return load_step_session(step, program.weights, Threading::caller);
        });
      },
      false)(0);
  if (!worker) return fail(worker.error());
  if (Status begun = (*worker)->begin(); !begun) return begun;
  const ConstPlanes from{planar.values, Rect::of(planar.spec.size), planar.spec.channels};
  const Planes to{output.values, Rect::of(output.spec.size), output.spec.channels};
  TaskSeconds seconds;
  for (const AxisTile& rows : step_spans(*network)) {
    if (const auto done = (*worker)->compute({rows, {}, from, to}, seconds); !done) {
      return fail(done.error());
    }
  }
  return {};
}

}  // namespace

Result<Tensor> run_streamed(const GraphProgram& program, const Tensor& image, StreamSize size) {
  const auto graph = resize(program.graph(), image.spec.size);
  if (!graph) return fail(graph.error());
  const bool planar = program.method.outputs[0].planar();
  const Shape& shape = graph->output_shape();
  const Size output_size{shape.length(Axis::y), shape.length(Axis::x)};
  Tensor output = Tensor::zeros(
      {shape.dims[planar ? 1 : 3], output_size, Layout::planar, graph->values[graph->output].type});
  const Tensor input = turned(image, Layout::planar);
  for (const Range columns :
       lane_columns({0, output_size.width}, 1, static_cast<int>(size.lanes))) {
    auto network = make_stream(*graph, columns, size.step_rows);
    if (!network) return fail(network.error());
    if (Status ran = run_lane(program, std::move(*network), input, output); !ran) {
      return fail(ran.error());
    }
  }
  return turned(output, planar ? Layout::planar : Layout::interleaved);
}

std::int64_t count_differing_values(const Tensor& a, const Tensor& b) {
  if (a.spec != b.spec) return a.spec.values();
  std::int64_t differing = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const bool same =
        std::bit_cast<std::uint32_t>(a.values[i]) == std::bit_cast<std::uint32_t>(b.values[i]);
    differing += same ? 0 : 1;
  }
  return differing;
}

}  // namespace sectile::internal::test
