#include <utility>

#include "sectile/run.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/tile_program.h"

namespace sectile {

using namespace internal;

namespace {

// The session and its workspace go with the run; only the output stays.
Result<TileBuffer> run_whole(const TileProgram& program, ImageSource& source,
                             const InputScaling& scaling) {
  auto whole = program.prepare_whole_run(source, scaling);
  if (!whole) return fail(whole.error());
  if (auto status = whole->run(); !status) return fail(status.error());
  return std::move(whole->output);
}

}  // namespace

Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options) {
  if (plan.mode == Mode::approximate) {
    return fail(ErrorCode::invalid_argument, "[verify] an approximate run has other bits");
  }
  MemorySink sink(float_output(plan));
  const auto report = run(model, plan, source, sink, options);
  if (!report) return fail(report.error());
  const auto program = TileProgram::for_whole_image(model, plan);
  if (!program) return fail(program.error());
  const auto whole = run_whole(*program, source, options.input);
  if (!whole) return fail(whole.error());
  const Difference difference =
      compare(whole->values(), program->output(), sink.pixels(), plan.output);
  return VerifyReport{difference.values, difference.differing, difference.max_abs_diff};
}

}  // namespace sectile
