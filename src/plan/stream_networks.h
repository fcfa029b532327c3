// Planning of streams: what a streaming network costs, and where its steps and lanes lie.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/graph/graph.h"
#include "src/plan/network_costs.h"
#include "src/transform/stream.h"

namespace sectile::internal {

// Columns of the output cut into lanes of about one width; fewer than asked for where there are
// fewer columns. Inner edges lie on `grid`.
std::vector<Range> lane_columns(Range columns, std::int64_t grid, int lanes);

// The streaming networks of a network over one image. Remembers the last one only: those of deep
// networks are large.
class StreamNetworkCache {
 public:
  // `image` is the size of the whole (extended) image; of the output these rows are made, or all.
  // Errors: those of resize and row_major_form.
  static Result<StreamNetworkCache> over(const Graph& graph, Size image,
                                         std::optional<Range> output_rows = {});

  // All columns of the output: one lane.
  Range all_columns() const { return {0, whole_.output_shape().length(Axis::x)}; }
  // Errors: those of make_stream.
  Result<std::shared_ptr<const StreamNetwork>> of(Range lane, std::int64_t step_rows);
  Result<StreamCosts> costs(const std::vector<Range>& lanes, std::int64_t step_rows,
                            bool transient_tables);

 private:
  StreamNetworkCache(Graph whole, Range output_rows)
      : whole_(std::move(whole)), output_rows_(output_rows) {}

  // Each value is computed once, in the rows and columns that the lane needs of it.
  struct Lane {
    Range columns;  // of the output
    std::int64_t image_columns = 0;
    double work = 0;
  };
  Result<Lane> lane(Range columns);

  Graph whole_;  // row-major
  Range output_rows_;
  std::shared_ptr<const StreamNetwork> last_;
  std::vector<Graph> last_graphs_;  // of its steps, where costs() has looked at them
  Range last_lane_;
  std::map<std::pair<std::int64_t, std::int64_t>, Lane> lanes_;
};

// The rows of each step: those of the image that it takes up, those of the output that it makes.
// Both may be empty.
std::vector<AxisTile> step_spans(const StreamNetwork& network);

}  // namespace sectile::internal
