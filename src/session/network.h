// Network: what a plan runs: a method of its model, or a stage of one.
#pragma once

#include <memory>

#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/footprint/footprint.h"
#include "src/model/model_data.h"
#include "src/plan/plan_data.h"
#include "src/program/program.h"
#include "src/run/input_parts.h"
#include "src/run/statistics.h"

namespace sectile::internal {

struct Network {
  ProgramMethod method;  // with its graph, at the exported size
  Footprint footprint;
  InputParts parts;
  std::shared_ptr<const ProgramBytes> weights;

  const Graph& graph() const { return *method.graph; }
};

// The stages that the plan has a plan for each of.
const std::vector<MethodStage>& stages_of(const MethodData& data, const PlanData& plan);

// A stage takes the statistics that the ones before it made. Errors: those of find_exact_method.
Result<Network> network_of(const PlanData& plan, const Statistics& known);

// All of the method, whatever the plan's stage. Errors: likewise.
Result<Network> whole_network_of(const PlanData& plan);

}  // namespace sectile::internal
