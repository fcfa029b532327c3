#include "src/session/as_exported.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "src/base/virtual_file.h"
#include "src/model/model_data.h"
#include "src/run/input_parts.h"
#include "src/runtime/loaded_program.h"

namespace sectile::internal {

namespace {

std::shared_ptr<const VirtualFile> unchanged(const std::shared_ptr<const ProgramBytes>& file) {
  auto whole = std::make_shared<VirtualFile>();
  whole->append(file->bytes(), file);
  return whole;
}

}  // namespace

Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile) {
  auto loaded = load_program(unchanged(model.data().program.file));
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

Result<WholeRun> prepare_exported_run(const Model& model, const MethodInfo& info,
                                      ImageSource& source, const InputScaling& scaling) {
  const auto tensors = ExportedTensors::of(model, info);
  if (!tensors) {
    return fail(tensors.error().code,
                fmt::format("[verify] {}: {}", model.path(), tensors.error().message));
  }
  const ImageInfo& image = source.info();
  if (image.size != tensors->input.size || image.bands != tensors->input.channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[verify] {} was exported for {} with {} bands, and the image has {} "
                            "with {} bands",
                            model.path(), to_string(tensors->input.size), tensors->input.channels,
                            to_string(image.size), image.bands));
  }
  auto program = load_program(unchanged(model.data().program.file));
  if (!program) return fail(program.error());
  return WholeRun::prepare(tensors->input, tensors->output, source, scaling, input_parts(info),
                           [&] {
                             return (*program)->load(method_of(model, info).name, tensors->input,
                                                     tensors->output, Threading::shared_pool);
                           });
}

}  // namespace sectile::internal
