#include "src/session/tile_program.h"

#include <array>

#include "src/plan/plan_data.h"
#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/thread_pool.h"
#include "src/session/prepare_kernels.h"
#include "src/transform/resize.h"
#include "src/transform/transient_tables.h"

namespace sectile::internal {

namespace {

constexpr const char* kMethodName = "tile";

TensorSpec spec_of(const ProgramTensor& tensor, const Value& value) {
  const Shape& shape = value.shape;
  const std::int64_t channels = tensor.planar() ? shape.dims[1] : shape.dims[3];
  return {channels, shape.size(), tensor.planar() ? Layout::planar : Layout::interleaved,
          value.type};
}

}  // namespace

Result<TileProgram> TileProgram::for_tiles(const Network& network, const PlanData& plan) {
  auto program = make(network, plan.tile, plan.extended, plan.transient_tables);
  if (!program || plan.threads == 1) return program;
  program->threads_ = plan.threads;
  program->pool_ = hold_shared_pool(plan.threads);
  return program;
}

Result<TileProgram> TileProgram::for_whole_image(const Network& network, const PlanData& plan) {
  auto program = make(network, plan.extended, plan.extended, false);
  if (program) program->pool_ = hold_shared_pool(shared_pool_threads());
  return program;
}

Result<TileProgram> TileProgram::make(const Network& network, Size tile, Size image,
                                      bool transient_tables) {
  const ProgramMethod& source = network.method;
  auto graph = resize_to_tile(network.graph(), tile, image);
  if (!graph) return fail(graph.error());
  if (auto status = prepare_kernels(*graph); !status) return fail(status.error());
  if (transient_tables) graph = with_transient_tables(*graph);
  const std::array methods{MethodToWrite{kMethodName, &source, &*graph}};
  auto file = write_program(methods, network.weights, IoMemory::caller);
  if (!file) return fail(file.error());
  auto loaded = load_program(std::move(*file));
  if (!loaded) return fail(loaded.error());
  TileProgram program;
  program.program_ = std::move(*loaded);
  program.input_ = spec_of(source.inputs[0], graph->values[graph->input]);
  program.output_ = spec_of(source.outputs[0], graph->values[graph->output]);
  program.parts_ = network.parts;
  program.scale_ = {network.footprint.y.scale, network.footprint.x.scale};
  return program;
}

Result<std::unique_ptr<Session>> TileProgram::load_session(Threading threading) const {
  return program_->load(kMethodName, input_, output_, threading);
}

MakeWorker TileProgram::workers() const {
  return tile_workers(scale_, [this] {
    return load_session(threads_ == 1 ? Threading::caller : Threading::shared_pool);
  });
}

Result<WholeRun> TileProgram::prepare_whole_run(ImageSource& source,
                                                const InputScaling& scaling) const {
  return WholeRun::prepare(input_, output_, source, scaling, parts_,
                           [this] { return load_session(Threading::shared_pool); });
}

}  // namespace sectile::internal
