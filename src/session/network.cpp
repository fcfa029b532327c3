#include "src/session/network.h"

#include <cstring>

#include "src/model/find_exact_method.h"

namespace sectile::internal {

namespace {

void fill(const MethodStage& stage, const Statistics& known, Graph& graph) {
  for (const auto& [statistic, constant] : stage.known) {
    const auto values = std::as_bytes(std::span(known.at(statistic)));
    graph.values[constant].constant->bytes.assign(values.begin(), values.end());
  }
}

}  // namespace

const std::vector<MethodStage>& stages_of(const MethodData& data, const PlanData& plan) {
  return data.stages_that(plan.keep != KeepMode::none);
}

Result<Network> whole_network_of(const PlanData& plan) {
  const auto info = plan.model->method(plan.method);
  if (!info) return fail(info.error());
  const auto data = find_exact_method(*plan.model, plan.method);
  if (!data) return fail(data.error());
  return Network{*(*data)->method, *(*data)->footprint, input_parts(**info),
                 plan.model->data().program.file};
}

Result<Network> network_of(const PlanData& plan, const Statistics& known) {
  auto network = whole_network_of(plan);
  if (!network || !plan.stage) return network;
  const auto data = find_exact_method(*plan.model, plan.method);
  if (!data) return fail(data.error());
  const MethodStage& stage = stages_of(**data, plan)[*plan.stage];
  network->method = stage.method;
  network->footprint = stage.footprint;
  if (!stage.inputs.empty()) network->parts.clear();
  fill(stage, known, *network->method.graph);
  return network;
}

}  // namespace sectile::internal
