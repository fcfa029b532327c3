// StepBuilder: the network of one step, made of parts of the whole network's nodes.
//
// Thread safety: a builder belongs to one thread.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/operator.h"
#include "src/transform/stream.h"

namespace sectile::internal {

inline constexpr std::size_t kNoBuffer = std::numeric_limits<std::size_t>::max();

// What a step computes, by the whole network's values.
struct StepRanges {
  const Graph& whole;
  const std::vector<Range>& rows;             // fresh ones; empty for none
  const std::vector<Range>& columns;          // of values in row buffers and between nodes
  const std::vector<std::size_t>& buffer_of;  // kNoBuffer for values that no later step needs
  std::int64_t step = 0;
  const std::vector<std::int64_t>& step_rows;  // by which each value moves on from step to step
};

class StepBuilder {
 public:
  explicit StepBuilder(const StepRanges& ranges);

  // REQUIRES: a node that takes other rows of a value than the step's fresh ones takes rows of a
  // value with a buffer.
  StepGraph build();

 private:
  void add_node(const Node& node);
  void place(const Node& node, Rect made, Node& changed) const;
  Rect taken_by(const Node& node) const;
  ValueId add_part(ValueId whole_id, Rect part);
  ValueId add_copy(ValueId whole_id);
  ValueId source_of(const Node& node, ValueId id);
  ValueId window_of(ValueId id, Range rows);
  ValueId constant_of(ValueId id);
  Crop crop_of(const Node& node, Axis axis, Node& changed) const;
  void cut(ValueId from, Rect there, ValueId to, Rect wanted);
  Shape shape_of(ValueId whole_id, Rect part) const;
  void finish(const Node& node, ValueId made, Rect part);
  Rect fresh_part(ValueId id) const { return {ranges_.rows[id], ranges_.columns[id]}; }

  StepRanges ranges_;
  StepGraph step_;
  std::vector<ValueId> fresh_;      // of every value of the whole network; kNoValue: not made
  std::vector<ValueId> constants_;  // the same, for values that do not depend on the image
  using ValueRows = std::tuple<ValueId, std::int64_t, std::int64_t>;  // of a value, rows
  std::map<ValueRows, ValueId> windows_;
  std::map<ValueRows, ValueId> cuts_;  // of a value of the step, columns
};

}  // namespace sectile::internal
