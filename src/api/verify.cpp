#include <fmt/format.h>

#include <utility>

#include "sectile/run.h"
#include "src/base/catch_exceptions.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/as_exported.h"
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

Result<MemorySink> run_planned(const PlanData& plan, ImageSource& source,
                               const RunOptions& options) {
  auto floats = std::make_shared<PlanData>(plan);
  take_network_output(*floats);
  auto prepared = PreparedRun::create(floats, Reuse::once);
  if (!prepared) return fail(prepared.error());
  MemorySink sink(floats->output_image);
  const auto report = prepared->run(source, sink, options);
  if (!report) return fail(report.error());
  return sink;
}

VerifyReport report_of(const Difference& difference) {
  return {difference.values, difference.differing, difference.max_abs_diff};
}

Result<VerifyReport> verify_exact(const PlanData& plan, ImageSource& source,
                                  const RunOptions& options) {
  const auto planned = run_planned(plan, source, options);
  if (!planned) return fail(planned.error());
  const auto network = whole_network_of(plan);
  if (!network) return fail(network.error());
  const auto program = TileProgram::for_whole_image(*network, plan);
  if (!program) return fail(program.error());
  const auto whole = run_whole(*program, source, options.input);
  if (!whole) return fail(whole.error());
  return report_of(compare(whole->values(), program->output(), planned->pixels(), plan.written,
                           plan.output_image.mask.get()));
}

Status check_comparable(const PlanData& plan) {
  if (plan.written.size() != plan.output) {
    return fail(ErrorCode::invalid_argument,
                "[verify] a window of the output cannot be compared with another program");
  }
  if (plan.extended == plan.image) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("[verify] the model {} takes {} as {}, with its edges repeated: export "
                          "the other program at a size like that",
                          plan.model->path(), to_string(plan.image), to_string(plan.extended)));
}

Result<VerifyReport> compare_with_exported(const PlanData& plan, const Model& other,
                                           ImageSource& source, const RunOptions& options) {
  if (auto status = check_comparable(plan); !status) return fail(status.error());
  const auto info = other.method(plan.method);
  if (!info) return fail(info.error());
  auto exported = prepare_exported_run(other, **info, source, options.input);
  if (!exported) return fail(exported.error());
  const TensorSpec made = exported->session->output();
  if (made.size != plan.output || made.channels != plan.network_bands) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[verify] {} makes {} with {} bands, and the plan {} with {} bands",
                            other.path(), to_string(made.size), made.channels,
                            to_string(plan.output), plan.network_bands));
  }
  if (auto status = exported->run(); !status) return fail(status.error());
  exported->session.reset();
  const auto planned = run_planned(plan, source, options);
  if (!planned) return fail(planned.error());
  return report_of(compare(exported->output.values(), made, planned->pixels(), plan.written,
                           plan.output_image.mask.get()));
}

Status check_verifiable(const Model& model, const Plan& plan) {
  if (auto status = check_model(model, plan.data()); !status) return status;
  if (plan.mode() != Mode::approximate && !plan.approximate()) return {};
  return fail(
      ErrorCode::invalid_argument,
      "[verify] verify compares bit for bit; approximate runs, and accurate statistics, are "
      "not bit-identical by design");
}

}  // namespace

Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options) {
  return catch_exceptions("[verify]", [&]() -> Result<VerifyReport> {
    if (auto status = check_verifiable(model, plan); !status) return fail(status.error());
    return verify_exact(plan.data(), source, options);
  });
}

Result<VerifyReport> verify_against(const Model& model, const Plan& plan, const Model& other,
                                    ImageSource& source, const RunOptions& options) {
  return catch_exceptions("[verify]", [&]() -> Result<VerifyReport> {
    if (auto status = check_verifiable(model, plan); !status) return fail(status.error());
    return compare_with_exported(plan.data(), other, source, options);
  });
}

}  // namespace sectile
