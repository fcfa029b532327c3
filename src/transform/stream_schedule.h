// StreamSchedule: which rows of each value a step of a streaming network computes.
//
// As if the image had no ends, every value has so many rows done after step 0 and `step_rows` more
// after each step: as many as can be computed from the image rows taken up so far, or as few as
// those after it need. In the image this is clamped to the rows there are. So nothing special
// happens at the image's top and bottom, except that less is done. The same holds where only some
// rows of the output are wanted, and so some of every value: steps begin where the first are.
//
// Thread safety: a schedule belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The rows of every value that the output rows (or columns) `output` are computed from, by parts of
// nodes (OperatorRule::part), within the image; empty for values that they do not depend on and for
// constants.
// Errors: unsupported, when some node has no part; the message names it.
Result<std::vector<Range>> needed_ranges(const Graph& graph, Axis axis, Range output);

// The rows of the node's image inputs that its output rows are computed from, within the image.
// REQUIRES: `output` is not empty, the node has a part rule and an image input.
Range taken_range(const Graph& graph, const Node& node, Axis axis, Range output);

class StreamSchedule {
 public:
  // One step: the rows it computes of each value (of the image: those it takes up); empty for none.
  struct Step {
    std::int64_t index = 0;
    std::int64_t repeats = 1;  // steps from this on that do the same further down
    std::vector<Range> fresh;
  };

  // REQUIRES: a row_major_form; `needed` is what needed_ranges gives for the rows of the output.
  // Errors: invalid_argument (step_rows is no multiple of the grid).
  static Result<StreamSchedule> make(const Graph& graph, std::vector<Range> needed,
                                     std::int64_t step_rows);

  // The next steps; none when the output is complete. Errors: internal (they would never end).
  Result<std::optional<Step>> next();

  const std::vector<std::int64_t>& step_rows() const { return step_rows_; }  // one per value
  // Image rows taken up before the output rows that lie level with them are complete.
  std::int64_t lag_rows() const { return lag_rows_; }

 private:
  explicit StreamSchedule(const Graph& graph, std::vector<Range> needed)
      : graph_(&graph), needed_(std::move(needed)) {}

  bool takes_part(ValueId id) const { return !needed_[id].empty(); }
  void derive_earliest();
  void delay_where_better();
  void begin_at_first_needed();
  bool better_late(const Node& node) const;
  std::int64_t clamped_done(ValueId id, std::int64_t step) const;
  std::int64_t next_done(const Node& node) const;
  std::int64_t computable_end(const Node& node) const;
  void compute_ahead();
  void hold_back();
  std::int64_t repeats_of(const Step& step) const;

  const Graph* graph_;
  std::vector<Range> needed_;
  std::vector<std::int64_t> step_rows_;
  std::vector<std::int64_t> first_done_;  // after step 0, as if the image had no ends
  std::int64_t lag_rows_ = 0;
  std::int64_t step_ = 0;
  std::vector<std::int64_t> before_;  // rows done before this step
  std::vector<std::int64_t> done_;    // and after it
};

}  // namespace sectile::internal
