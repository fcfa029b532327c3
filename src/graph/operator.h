// OperatorRule: everything Sectile knows of one operator, in one place.
//
// Each family of operators has a file in src/graph/operators that defines the rules of its
// operators; operator.cpp lists the families. A rule is written for one axis and serves both.
// Ranges are half-open and count rows (or columns) of the value they speak of; they may lie outside
// the value, where a window hangs over the border.
//
// Thread safety: rules are constants.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sectile/footprint.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// A node together with the graph it stands in. The graph's shapes are those of some accepted size
// (the exported one, say).
struct NodeView {
  const Graph& graph;
  const Node& node;

  const Value& input(std::size_t index) const { return graph.values[node.inputs[index]]; }
  const Value& output() const { return graph.values[node.output]; }
  const Shape& output_shape() const { return graph.shape(node.output); }
  template <typename T>
  const T& attributes() const {
    return std::get<T>(node.attributes);
  }
};

// What XNNPACK holds for one operator beside its input and output, at the graph's shapes.
struct OperatorMemory {
  std::int64_t weight_bytes = 0;       // packed weights
  std::int64_t indirection_bytes = 0;  // indirection table: a pointer for each pixel of each window
  bool can_be_transient = false;       // the table, by kTransientTable
};

// Rows (or columns) of a node's inputs and of its output that a node changed by CropRule works on.
struct Crop {
  Range input;   // borders aside; holds the rows that `output` is computed from
  Range output;  // holds the rows that were asked for
  friend bool operator==(const Crop&, const Crop&) = default;
};

// How a node is made to compute a part of its output, with the same bits, from as much of its
// inputs as that takes. Where the part's input hangs over the image's border the node is given the
// part within the image, and does what it does at the border of the whole image.
struct CropRule {
  // What there is to work on for the rows `output`. Begins depend on the begin alone, ends on the
  // end alone, and both move with `output`, as those of reach do.
  Crop (*ranges)(const NodeView& view, Axis axis, Range output) = nullptr;

  // Changes `node`, a copy of the view's, along one axis: given the rows of `crop.input` that lie
  // within the inputs it makes the rows of `crop.output` that lie within the output. The graph's
  // shapes are those of the whole image. Null: the node does that as it is.
  // REQUIRES: some rows of crop.input and of crop.output lie within.
  void (*crop_node)(const NodeView& view, Axis axis, const Crop& crop, Node& node) = nullptr;

  // Whether parts of this node have the bits of the whole. Null: of every node.
  bool (*possible)(const NodeView& view) = nullptr;
};

// How many of an image's first and last rows the padding at its edges is copied from.
struct EdgeRows {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// What an operator does to integers (i8).
enum class Integers {
  none,      // Sectile does not run it on them
  rescaled,  // its output has a scale of its own
  moved      // they stay as they are: inputs and output have one scale
};

struct OperatorRule {
  std::string_view op;

  // The output's shape, for these input shapes (one per node input; constants have theirs, absent
  // inputs an empty one). `view` gives what was exported: where the attributes leave something open
  // (a reshape), the exported shapes decide.
  // Errors: corrupt (the file contradicts itself), invalid_argument (a size the operator does not
  // accept), unsupported, not_exact.
  Result<Shape> (*shape)(const NodeView& view, std::span<const Shape> inputs);

  // Which range of the rows of input `index` the range `output` is computed from. The begin depends
  // on the begin alone, the end on the end alone, both without regard to borders.
  Range (*reach)(const NodeView& view, std::size_t index, Axis axis, Range output);

  // Output rows per input row.
  Ratio (*scale)(const NodeView& view, Axis axis);

  // Multiply-adds (or operations of like cost) of one run at the graph's shapes.
  double (*cost)(const NodeView& view);

  OperatorMemory (*memory)(const NodeView& view);

  // Its `ranges` are null for an operator of which no part can be computed.
  CropRule crop;

  // Bits of XNNPACK's flags that the shape rule looks at, beside those that change nothing.
  std::uint32_t flags = 0;

  // For people (docs/operators.md): what the rules refuse of it, and why.
  std::string_view limits = {};

  // Not `exact`: the shape rule refuses every node.
  Verdict verdict = Verdict::exact;

  // Null: of none.
  EdgeRows (*edge_rows)(const NodeView& view, Axis axis) = nullptr;
  // Of an operator with edge_rows: the input's rows that those of `input` beyond its ends are
  // copied from; empty for none. The graph's shapes are those of the whole image.
  Range (*copied_rows)(const NodeView& view, Axis axis, Range input) = nullptr;

  // Of an operator that XNNPACK does not have: puts values and nodes that do the same with
  // XNNPACK's into `graph`, at its end. Null for XNNPACK's own.
  void (*lower)(const NodeView& view, Graph& graph) = nullptr;

  Integers integers = Integers::none;
  // Whether XNNPACK can go from the inputs' scales to the output's. Null: from any. Errors:
  // unsupported. REQUIRES: each value has one.
  Status (*scales)(const NodeView& view) = nullptr;

  // Of an operator whose values need not be alike: whether they fit each other. Null: they are
  // alike. Every value has a type that is run. Errors: corrupt, unsupported.
  Status (*types)(const NodeView& view) = nullptr;

  // XNNPACK computes it in f32 where the file says f16, on some processors, and then everything
  // behind it too: values are rounded at the network's end alone.
  bool widens_halves = false;
};

// Null when there is no rule.
const OperatorRule* find_rule(std::string_view op);

// Why there is none, for an operator without a rule.
std::string_view why_no_rule(std::string_view op);

}  // namespace sectile::internal
