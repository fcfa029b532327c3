#include "src/session/as_exported.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "src/base/virtual_file.h"
#include "src/model/model_data.h"
#include "src/run/blend_sink.h"
#include "src/run/pipeline.h"
#include "src/runtime/loaded_program.h"

namespace sectile::internal {

namespace {

std::shared_ptr<const VirtualFile> as_it_is(const std::shared_ptr<const MappedFile>& file) {
  auto whole = std::make_shared<VirtualFile>();
  whole->append(file->bytes(), file);
  return whole;
}

}  // namespace

Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile) {
  auto loaded = load_program(as_it_is(model.data().program.file));
  if (!loaded) return fail(loaded.error());
  return whole_tile_workers([program = std::move(*loaded), name = method_of(model, info).name,
                             tile]() -> Result<std::unique_ptr<Session>> {
    auto session = program->load(name, tile.input, tile.output, Threading::caller);
    if (session) return session;
    return fail(session.error().code,
                fmt::format("[approximate] the program does not run as it was exported: {}",
                            session.error().message));
  });
}

Result<RunReport> run_approximate(const Model& model, const MethodInfo& info, const Plan& plan,
                                  ImageSource& source, ImageSink& sink, const RunOptions& options) {
  const auto tile = ExportedTile::of(model, info);
  if (!tile) return fail(tile.error());
  if (auto status = check_ends(plan, source, sink); !status) return fail(status.error());
  auto workers = exported_workers(model, info, *tile);
  if (!workers) return fail(workers.error());
  auto blend = BlendSink::create(plan, sink);
  if (!blend) return fail(blend.error());
  const Plan sheet = sheet_plan(plan);
  const PipelineSetup setup{sheet, std::move(*workers)};
  PipelineState state;
  auto report = run_pipeline(setup, state, source, **blend, options);
  if (!report) return fail(report.error());
  if (plan.steps() > 1) report->disagreement = (*blend)->disagreement();
  return report;
}

}  // namespace sectile::internal
