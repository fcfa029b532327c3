#include "src/session/workers.h"

#include <memory>
#include <utility>
#include <vector>

#include "src/base/system.h"
#include "src/model/exported_tile.h"
#include "src/plan/stream_networks.h"
#include "src/run/stream_worker.h"
#include "src/session/as_exported.h"
#include "src/session/kept_sessions.h"
#include "src/session/step_session.h"
#include "src/session/tile_program.h"
#include "src/transform/transient_tables.h"

namespace sectile::internal {

namespace {

using Networks = std::vector<std::shared_ptr<const StreamNetwork>>;

Result<Networks> lane_networks(const Graph& graph, const PlanData& plan) {
  auto made = StreamNetworkCache::over(plan.transient_tables ? with_transient_tables(graph) : graph,
                                       plan.extended, plan.window.y);
  if (!made) return fail(made.error());
  Networks networks;
  for (const AxisTile& lane : plan.columns) {
    auto network = made->of(lane.output, plan.tile.height);
    if (!network) return fail(network.error());
    networks.push_back(std::move(*network));
  }
  return networks;
}

Result<MakeWorker> workers_of_stream(const Network& network, const PlanData& plan, Reuse reuse) {
  auto networks = lane_networks(network.graph(), plan);
  if (!networks) return fail(networks.error());
  std::vector<std::vector<bool>> kept(networks->size());
  if (reuse == Reuse::many_times) kept = kept_sessions(*networks, plan);
  // A lane has dropped its last program when it loads the next.
  const auto load = [weights = network.weights, trim = plan.trim_heap](const StepGraph& step) {
    if (trim) release_unused_heap();
    return load_step_session(step, weights, Threading::caller);
  };
  return stream_workers(
      [networks = std::move(*networks), kept = std::move(kept), load](int index) {
        const auto lane = static_cast<std::size_t>(index);
        return StreamLane::create(networks[lane], load, kept[lane]);
      },
      reuse == Reuse::many_times);
}

}  // namespace

Result<MakeWorker> approximate_workers_of(const PlanData& plan) {
  const Model& model = *plan.model;
  const auto info = model.method(plan.method);
  if (!info) return fail(info.error());
  const auto tile = ExportedTile::of(model, **info);
  if (!tile) return fail(tile.error());
  return exported_workers(model, **info, *tile);
}

Result<MakeWorker> workers_of(const Network& network, const PlanData& plan, Reuse reuse) {
  if (plan.mode == Mode::stream) return workers_of_stream(network, plan, reuse);
  auto program = TileProgram::for_tiles(network, plan);
  if (!program) return fail(program.error());
  const auto kept = std::make_shared<const TileProgram>(std::move(*program));
  return [kept](int index) { return kept->workers()(index); };
}

}  // namespace sectile::internal
