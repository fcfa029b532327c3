#include "sectile/plan.h"
#include "src/base/catch_exceptions.h"
#include "src/plan/any_plan.h"

namespace sectile {

using namespace internal;

Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options) {
  return catch_exceptions("[plan]", [&] { return make_any_plan(model, image, {options}); });
}

}  // namespace sectile
