#include "sectile/model.h"
#include "src/base/catch_exceptions.h"
#include "src/plan/approximate_plan.h"

namespace sectile {

using namespace internal;

Result<Size> approximate_tile(const Model& model, const std::string& method) {
  return catch_exceptions("[approximate]", [&]() -> Result<Size> {
    const auto info = model.method(method);
    if (!info) return fail(info.error());
    if (auto status = check_not_exact(**info); !status) return fail(status.error());
    const auto tile = ExportedTile::of(model, **info);
    if (!tile) return fail(tile.error());
    const auto memory = exported_session_memory(model, **info, *tile);
    if (!memory) return fail(memory.error());
    return tile->input.size;
  });
}

}  // namespace sectile
