#include <utility>

#include "sectile/run.h"
#include "src/api/tile_program.h"
#include "src/run/reference.h"

namespace sectile {

namespace {

Result<TileBuffer> run_whole(const TileProgram& program, ImageSource& source,
                             const InputScaling& scaling) {
  const auto input = whole_input(source, scaling, program.input().size, program.input().layout);
  if (!input) return fail(input.error());
  auto output = TileBuffer::allocate(program.output().values());
  if (!output) return fail(output.error());
  auto session = program.load_session(Threading::shared_pool);
  if (!session) return fail(session.error());
  auto status = (*session)->run(input->values(), output->values());
  if (!status) return fail(status.error());
  return output;
}

}  // namespace

Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options) {
  MemorySink sink(float_output(plan));
  const auto report = run(model, plan, source, sink, options);
  if (!report) return fail(report.error());
  const auto program = TileProgram::make(model, plan.method, plan.extended);
  if (!program) return fail(program.error());
  const auto whole = run_whole(*program, source, options.input);
  if (!whole) return fail(whole.error());
  const Difference difference =
      compare(whole->values(), program->output(), sink.pixels(), plan.output);
  return VerifyReport{difference.values, difference.differing, difference.max_abs_diff};
}

}  // namespace sectile
