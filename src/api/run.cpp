#include "sectile/run.h"

#include "src/api/tile_program.h"
#include "src/run/pipeline.h"

namespace sectile {

Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options) {
  const auto program = TileProgram::for_tiles(model, plan);
  if (!program) return fail(program.error());
  const PipelineSetup setup{plan, program->workers()};
  PipelineState state;
  return run_pipeline(setup, state, source, sink, options);
}

}  // namespace sectile
