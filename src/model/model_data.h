// What a Model holds: the program as read, and what analysis found in each method.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sectile/model.h"
#include "src/footprint/footprint.h"
#include "src/graph/passes/stages.h"
#include "src/program/program.h"

namespace sectile::internal {

// A stage of a method that takes statistics of the whole image.
struct MethodStage {
  ProgramMethod method;  // with the stage's graph, and its output
  Footprint footprint;
  std::vector<KnownStatistic> known;
  std::vector<Sum> sums;  // none: the last stage
  std::vector<StageInput> inputs;
  std::vector<KeptImage> kept;
};

struct MethodData {
  const ProgramMethod* method = nullptr;
  std::optional<Footprint> footprint;  // set exactly when the verdict is `exact`
  std::vector<MethodStage> stages;     // in their order; none: it takes no statistics
  // Those that keep images for each other; none where that is not worth it.
  std::vector<MethodStage> keeping_stages;
  Graph apart;  // what they were cut from (statistics_apart)

  const std::vector<MethodStage>& stages_that(bool keep) const {
    return keep ? keeping_stages : stages;
  }
};

class ModelData {
 public:
  explicit ModelData(Program program_in) : program(std::move(program_in)) {}
  ModelData(const ModelData&) = delete;
  ModelData& operator=(const ModelData&) = delete;

  Program program;
  std::vector<MethodInfo> infos;    // one per method of the program
  std::vector<MethodData> methods;  // likewise
};

}  // namespace sectile::internal
