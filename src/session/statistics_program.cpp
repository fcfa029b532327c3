#include "src/session/statistics_program.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/graph/passes/stages.h"
#include "src/session/step_session.h"

namespace sectile::internal {

namespace {

std::vector<ValueId> ids_of(const Statistics& statistics) {
  std::vector<ValueId> ids;
  for (const auto& [id, values] : statistics) ids.push_back(id);
  return ids;
}

}  // namespace

Result<std::vector<TileBuffer>> run_once(const Graph& graph,
                                         std::span<const std::span<const float>> inputs,
                                         std::shared_ptr<const ProgramBytes> weights) {
  auto session = load_step_session({graph, {}, {}}, std::move(weights), Threading::caller);
  if (!session) return fail(session.error());
  std::vector<TileBuffer> given;
  std::vector<TileBuffer> made;
  std::vector<const std::byte*> sources;
  std::vector<std::byte*> targets;
  for (const std::span<const float> values : inputs) {
    auto buffer = TileBuffer::allocate(static_cast<std::int64_t>(values.size()));
    if (!buffer) return fail(buffer.error());
    std::ranges::copy(values, buffer->values().begin());
    given.push_back(std::move(*buffer));
    sources.push_back(reinterpret_cast<const std::byte*>(given.back().values().data()));
  }
  for (const ValueId id : graph.extra_outputs) {
    auto buffer = TileBuffer::allocate(graph.shape(id).elements());
    if (!buffer) return fail(buffer.error());
    made.push_back(std::move(*buffer));
    targets.push_back(reinterpret_cast<std::byte*>(made.back().values().data()));
  }
  if (auto status = (*session)->run(sources, targets); !status) return fail(status.error());
  return made;
}

Status compute_statistics(const Graph& whole, std::span<const ValueId> wanted,
                          const std::shared_ptr<const ProgramBytes>& weights, Statistics& known) {
  const StatisticsGraph between = statistics_graph(whole, ids_of(known), wanted);
  if (between.outputs.empty()) return {};
  std::vector<std::span<const float>> inputs;
  for (const ValueId id : between.inputs) inputs.emplace_back(known.at(id));
  const auto made = run_once(between.graph, inputs, weights);
  if (!made) return fail(made.error());
  for (std::size_t i = 0; i < between.outputs.size(); ++i) {
    const auto values = (*made)[i].values();
    known[between.outputs[i]].assign(values.begin(), values.end());
  }
  return {};
}

}  // namespace sectile::internal
