#include "src/plan/exact_plan.h"

#include "src/plan/network_plan.h"
#include "src/plan/staged_plan.h"

namespace sectile::internal {

Result<PlanData> plan_exact(const Program& program, const MethodInfo& info, const MethodData& data,
                            const ImageInfo& image, const PlanTask& options) {
  if (auto status = check_image(info, image); !status) return fail(status.error());
  if (!data.stages.empty()) return plan_staged(program, info, data, image, options);
  return plan_network(program, info.name,
                      {.graph = *data.method->graph, .footprint = *data.footprint}, image, options);
}

}  // namespace sectile::internal
