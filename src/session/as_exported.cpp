#include "src/session/as_exported.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "src/base/virtual_file.h"
#include "src/model/model_data.h"
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

}  // namespace sectile::internal
