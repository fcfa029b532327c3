#include "src/session/workers.h"

#include <memory>
#include <utility>
#include <vector>

#include "src/model/find_exact_method.h"
#include "src/plan/stream_networks.h"
#include "src/run/stream_worker.h"
#include "src/session/step_session.h"
#include "src/session/tile_program.h"
#include "src/transform/lean.h"

namespace sectile {

namespace {

using Forms = std::vector<std::shared_ptr<const StreamForm>>;

Result<Forms> lane_forms(const Model& model, const Plan& plan) {
  const auto data = find_exact_method(model, plan.method);
  if (!data) return fail(data.error());
  const Graph& graph = *(*data)->method->graph;
  auto made = StreamForms::over(plan.lean ? make_lean(graph) : graph, plan.extended);
  if (!made) return fail(made.error());
  Forms forms;
  for (const Span& lane : plan.columns) {
    auto form = made->of(lane.output, plan.tile.height);
    if (!form) return fail(form.error());
    forms.push_back(std::move(*form));
  }
  return forms;
}

Result<MakeWorker> workers_of_stream(const Model& model, const Plan& plan) {
  auto forms = lane_forms(model, plan);
  if (!forms) return fail(forms.error());
  const auto weights = model.data().program.file;
  return stream_workers([forms = std::move(*forms), weights](int index) {
    return StreamLane::create(forms[static_cast<std::size_t>(index)],
                              [weights](const StepGraph& step) {
                                return load_step_session(step, weights, Threading::caller);
                              });
  });
}

}  // namespace

Result<MakeWorker> workers_of(const Model& model, const Plan& plan) {
  if (plan.mode == Mode::stream) return workers_of_stream(model, plan);
  auto program = TileProgram::for_tiles(model, plan);
  if (!program) return fail(program.error());
  const auto kept = std::make_shared<const TileProgram>(std::move(*program));
  return [kept](int index) { return kept->workers()(index); };
}

}  // namespace sectile
