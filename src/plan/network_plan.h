// Plans of one network that can be cut into tiles with equal bits: a method's, or a stage of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/footprint/footprint.h"
#include "src/graph/graph.h"
#include "src/plan/limits.h"
#include "src/plan/plan_data.h"
#include "src/program/program.h"

namespace sectile::internal {

// The output of the network that a stage is the last of.
struct StageOutput {
  const ImageInfo& image;  // that the network is given
  Size size;
  Scale scale;
};

struct NetworkToPlan {
  const Graph& graph;
  const Footprint& footprint;
  // Of a stage: the size that it is run on.
  std::optional<Size> extended = {};
  // What it makes is added up, all of the extended image, and not written.
  bool is_summed = false;
  std::optional<StageOutput> output = {};  // of a last stage that does not read the image itself
  std::int64_t held_bytes = 0;             // by the ends of the run that it is a stage of
  std::int64_t summed_whole_channels = 0;  // of what is added up: held until it is complete
  // Images that stages keep for later ones.
  bool reads_kept = false;
  std::int64_t kept_in_memory_bytes = 0;
  std::int64_t newly_kept_bytes = 0;  // that it writes, to memory or to a file
};

// Errors: those of make_plan.
Result<PlanData> plan_network(const Program& program, const std::string& method,
                              const NetworkToPlan& network, const ImageInfo& image,
                              const PlanTask& options);

// The plan as a pass, for people.
PlannedPass pass_of(const PlanData& plan, double compute_ratio);

}  // namespace sectile::internal
