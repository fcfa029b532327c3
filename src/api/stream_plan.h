// Planning of streams: what a streaming form costs, and where its steps and lanes lie.
#pragma once

#include <cstdint>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/graph/graph.h"
#include "src/plan/candidates.h"
#include "src/transform/stream.h"

namespace sectile {

// The output's columns cut into lanes of about one width; fewer than asked for when there are not
// so many columns. Inner edges lie on `grid`.
std::vector<Range> lane_columns(std::int64_t output_width, std::int64_t grid, int lanes);

// `whole` is in row-major form and has the shapes of the whole (extended) image.
// Errors: those of make_stream.
Result<StreamCosts> stream_costs(const Graph& whole, const std::vector<Range>& lanes,
                                 std::int64_t step_rows);

// The rows of each step: those of the image that it takes up, those of the output that it makes.
// Both may be empty.
std::vector<Span> step_spans(const StreamForm& form);

}  // namespace sectile
