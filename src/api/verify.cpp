#include <utility>

#include "sectile/run.h"
#include "src/base/catch_exceptions.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/prepared_run.h"
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

// The same plan with the network's own output: float, unscaled.
std::shared_ptr<const PlanData> with_float_output(const PlanData& plan) {
  auto changed = std::make_shared<PlanData>(plan);
  changed->output_image.pixel_type = PixelType::f32;
  return changed;
}

Result<VerifyReport> verify_exact(const PlanData& plan, ImageSource& source,
                                  const RunOptions& options) {
  const auto floats = with_float_output(plan);
  auto prepared = PreparedRun::create(floats, Reuse::once);
  if (!prepared) return fail(prepared.error());
  MemorySink sink(floats->output_image);
  const auto report = prepared->run(source, sink, options);
  if (!report) return fail(report.error());
  const auto program = TileProgram::for_whole_image(*plan.model, plan);
  if (!program) return fail(program.error());
  const auto whole = run_whole(*program, source, options.input);
  if (!whole) return fail(whole.error());
  const Difference difference =
      compare(whole->values(), program->output(), sink.pixels(), plan.window);
  return VerifyReport{difference.values, difference.differing, difference.max_abs_diff};
}

}  // namespace

Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options) {
  return catch_exceptions("[verify]", [&]() -> Result<VerifyReport> {
    if (auto status = check_model(model, plan.data()); !status) return fail(status.error());
    if (plan.mode() == Mode::approximate) {
      return fail(ErrorCode::invalid_argument,
                  "[verify] verify compares bit for bit; approximate runs are not bit-identical by "
                  "design");
    }
    return verify_exact(plan.data(), source, options);
  });
}

}  // namespace sectile
