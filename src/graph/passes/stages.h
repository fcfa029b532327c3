// Stages: a network that takes statistics of the whole image, as networks that do not.
//
// Each stage is a network from the image to an image. The last one makes the network's output; of
// what the others make, a run adds up the pixels, channel by channel, to statistics that later
// stages take as constants. A statistic of depth n is made of values that depend on statistics of
// depth n - 1. Statistics of one depth share a stage where the images that they are of have one
// size.
//
// What a stage makes can be kept for later ones, which then begin there instead of at the image.
//
// Between stages, nodes that take and make statistics alone (the two layers of a squeeze-excite)
// run once: statistics_graph.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sectile/geometry.h"
#include "src/graph/graph.h"
#include "src/graph/infer.h"
#include "src/graph/passes/kept_images.h"
#include "src/graph/statistic.h"

namespace sectile::internal {

// What a stage adds up.
struct Sum {
  ValueId statistic = kNoValue;  // of the whole network
  Statistic kind = Statistic::none;
  Range channels;                   // of the stage's output
  std::int64_t group_channels = 1;  // so many of them are added up one after the other

  // Whether the channels are held until all rows are there.
  bool is_of_held_rows() const { return group_channels > 1 || needs_all_rows(kind); }
};

// A constant of a stage's graph that holds zeros until the stages before have run.
struct KnownStatistic {
  ValueId statistic = kNoValue;  // of the whole network
  ValueId constant = kNoValue;   // of the stage's graph
};

struct Stage {
  Graph graph;
  std::vector<KnownStatistic> known;
  std::vector<Sum> sums;           // none: the last stage
  std::vector<StageInput> inputs;  // none: the network's input, as it is
  std::vector<KeptImage> kept;
};

// Whether the output depends on statistics of the image.
bool takes_statistics(const Graph& graph);

// The network with nodes of its own for all statistics: norms, which take and apply them, are taken
// apart. REQUIRES: check_tileable accepts it.
Graph statistics_apart(const Graph& graph);

// What keeps the network from being cut into stages; nothing for none. Errors: unsupported.
// REQUIRES: `whole` is one of statistics_apart.
std::optional<NodeProblem> stage_problem(const Graph& whole);

// In the order in which they run. `work_per_kept_byte`: as in KeptImages; without it nothing is
// kept. REQUIRES: `whole` is one of statistics_apart, and takes some.
std::vector<Stage> cut_into_stages(const Graph& whole,
                                   std::optional<double> work_per_kept_byte = {});

// What stages after those with `made` statistics take, and the nodes that make it of those: its
// extra inputs are `inputs`, its extra outputs `outputs`, each [1, 1, 1, values].
struct StatisticsGraph {
  Graph graph;
  std::vector<ValueId> inputs;   // of the whole network
  std::vector<ValueId> outputs;  // likewise; none where nothing is to be computed
};
StatisticsGraph statistics_graph(const Graph& whole, std::span<const ValueId> made,
                                 std::span<const ValueId> wanted);

}  // namespace sectile::internal
