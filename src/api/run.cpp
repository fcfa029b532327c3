#include "sectile/run.h"

#include "src/base/catch_exceptions.h"
#include "src/session/prepared_run.h"

namespace sectile {

using namespace internal;

Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options) {
  return catch_exceptions("[run]", [&]() -> Result<RunReport> {
    if (auto status = check_model(model, plan.data()); !status) return fail(status.error());
    auto prepared = PreparedRun::create(plan.shared_data(), Reuse::once);
    if (!prepared) return fail(prepared.error());
    return prepared->run(source, sink, options);
  });
}

}  // namespace sectile
