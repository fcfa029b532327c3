#include "sectile/plan.h"
#include "src/base/system.h"
#include "src/model/find_exact_method.h"
#include "src/plan/approximate_plan.h"
#include "src/plan/exact_plan.h"

namespace sectile {

using namespace internal;

Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options) {
  const auto info = model.method(options.method);
  if (!info) return fail(info.error());
  if (options.mode == Mode::approximate) {
    if (auto status = check_not_exact(**info); !status) return fail(status.error());
    return plan_approximate(model, **info, image, options);
  }
  const auto data = find_exact_method(model, options.method);
  if (!data) return fail(data.error());
  auto plan = plan_exact(model.data().program, **info, **data, image, options);
  if (!plan) return plan;
  plan->trim_heap = options.host.trim_heap;
  if (plan->trim_heap) release_unused_heap();  // what planning took is there for the run
  return plan;
}

}  // namespace sectile
