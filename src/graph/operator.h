// OperatorRule: everything Sectile knows of one operator, in one place.
//
// Each file of src/graph/operators defines rules; operators/families.h is the table of them. A rule
// is written for one axis and serves both. Ranges count rows (or columns) of the value they speak
// of; they may lie outside the value, where a window hangs over the border.
//
// Thread safety: rules are constants.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sectile/footprint.h"
#include "sectile/result.h"
#include "src/graph/crop.h"
#include "src/graph/graph.h"
#include "src/graph/kernel_format.h"
#include "src/graph/node_view.h"
#include "src/graph/operator_memory.h"
#include "src/graph/refusals.h"
#include "src/graph/size_doubt.h"
#include "src/graph/statistic.h"

namespace sectile::internal {

// What an operator does to integers (i8).
enum class Integers {
  none,      // Sectile does not run it on them
  rescaled,  // its output has a scale of its own
  moved      // they stay as they are: inputs and output have one scale
};

struct NodeFormat;  // src/graph/operators/node_format.h

struct OperatorRule {
  std::string_view op;  // as in XNNPACK's serialized schema: "XNNConv2d"

  // Null: XNNPACK has no such operator.
  const NodeFormat* format = nullptr;
  // Null: it is no kernel.
  const KernelFormat* kernel = nullptr;

  // The output's shape, for these input shapes (one per node input; constants have theirs, absent
  // inputs an empty one). `view` gives what was exported: where the attributes leave something open
  // (a reshape), the exported shapes decide.
  // Errors: corrupt (the file contradicts itself), invalid_argument (a size the operator does not
  // accept), unsupported, not_exact.
  Result<Shape> (*shape)(const NodeView& view, std::span<const Shape> inputs) = nullptr;

  // Which range of the rows of input `index` the range `output` is computed from. The begin depends
  // on the begin alone, the end on the end alone, both without regard to borders.
  Range (*reach)(const NodeView& view, std::size_t index, Axis axis, Range output) = nullptr;

  // Output rows per input row.
  Ratio (*scale)(const NodeView& view, Axis axis) = nullptr;

  // Multiply-adds (or operations of like cost) of one run at the graph's shapes.
  double (*cost)(const NodeView& view) = nullptr;

  OperatorMemory (*memory)(const NodeView& view) = nullptr;

  // Its `ranges` are null for an operator of which no part can be computed.
  CropRule crop = {};

  // After so many of its output's rows it does the same again. Null: one.
  std::int64_t (*period)(const NodeView& view, Axis axis) = nullptr;

  // Makes `node`, a part, do what the whole does in that place. Null: parts are alike everywhere.
  void (*place)(const NodeView& whole, const PartPlace& rows, const PartPlace& columns,
                Node& node) = nullptr;

  // Bits of XNNPACK's flags that the shape rule looks at.
  std::uint32_t flags = 0;

  // For people (docs/operators.md): what the rules refuse of it, and why.
  std::string_view limits = {};

  // `not_exact`: the shape rule refuses every node. `unsupported`: an operator that is read and
  // named; its functions are null, and find_rule does not find it.
  Verdict verdict = Verdict::exact;

  Refusals refusals = {};
  // Null: of none.
  EdgeRows (*edge_rows)(const NodeView& view, Axis axis) = nullptr;
  // Of an operator with edge_rows: the input's rows that those of `input` beyond its ends are
  // copied from; empty for none. The graph's shapes are those of the whole image.
  Range (*copied_rows)(const NodeView& view, Axis axis, Range input) = nullptr;

  // The doubt about its numbers along the axis. The graph's shapes are the exported ones. Null:
  // none of its numbers can stand for a size.
  std::optional<SizeDoubt> (*size_doubt)(const NodeView& view, Axis axis) = nullptr;

  // Gives `node` the numbers that follow from the size of the image. The graph's shapes are those
  // of that image. Null: it has none.
  void (*fit)(const NodeView& view, Node& node) = nullptr;

  // What the file leaves open of that image. The graph's shapes are the exported ones. Null:
  // nothing.
  std::optional<LengthDoubt> (*length_doubt)(const NodeView& view, Axis axis,
                                             const OtherImage& image) = nullptr;

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
  // after it too: values are rounded at the network's end alone.
  bool widens_halves = false;

  // Puts the dims that the node's attributes name into another order: new dim i is the old dim
  // order[i]. Null: they name none.
  void (*reorder)(Node& node, std::span<const std::int64_t> order) = nullptr;

  // What it does depends on the order of the dims (softmax: over the last), so it keeps its own.
  bool order_matters = false;

  // What it computes of an image's pixels, where its output does not lie along the image.
  Statistic statistic = Statistic::none;
  // Of an operator that takes statistics and applies them to the same image: puts nodes that do one
  // after the other, with the same bits, into `graph`, at its end. Null: it takes none.
  void (*take_apart)(const NodeView& view, Graph& graph) = nullptr;
};

// The operators of all files of src/graph/operators.
std::vector<const OperatorRule*> all_operators();

// Null when there is no rule.
const OperatorRule* find_rule(std::string_view op);

// Null for operators that XNNPACK does not have, and for those that are newer than Sectile.
const NodeFormat* find_format(std::string_view op);

// Why there is none, for an operator without a rule.
std::string_view why_no_rule(std::string_view op);
BlockerReason why_refused(std::string_view op);

}  // namespace sectile::internal
