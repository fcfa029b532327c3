#include "src/plan/any_plan.h"

#include <utility>

#include "src/base/system.h"
#include "src/model/find_exact_method.h"
#include "src/plan/approximate_plan.h"
#include "src/plan/exact_plan.h"
#include "src/plan/network_plan.h"
#include "src/plan/output_kind.h"
#include "src/plan/plan_data.h"

namespace sectile::internal {

namespace {

Result<PlanData> plan_data(const Model& model, const ImageInfo& image, const PlanTask& task) {
  if (auto status = check_plan_options(task); !status) return fail(status.error());
  const auto info = model.method(task.method);
  if (!info) return fail(info.error());
  if (task.mode == Mode::approximate) {
    if (auto status = check_not_exact(**info); !status) return fail(status.error());
    if (auto status = check_output(task, **info, image); !status) return fail(status.error());
    return plan_approximate(model, **info, image, task);
  }
  const auto data = find_exact_method(model, task.method);
  if (!data) return fail(data.error());
  if (auto status = check_output(task, **info, image); !status) return fail(status.error());
  return plan_exact(model.data().program, **info, **data, image, task);
}

}  // namespace

Result<Plan> make_any_plan(const Model& model, const ImageInfo& image, const PlanTask& task) {
  auto data = plan_data(model, image, task);
  if (!data) return fail(data.error());
  if (data->passes.empty()) data->passes = {pass_of(*data, data->compute_ratio)};
  data->trim_heap = task.host.trim_heap;
  if (data->trim_heap) release_unused_heap();  // what planning took is there for the run
  return bind_plan(std::move(*data), model, image);
}

}  // namespace sectile::internal
