// CropRule: how a node is made to compute a part of its output.
//
// Ranges are half-open and count rows (or columns) of the value they speak of; they may lie outside
// the value, where a window hangs over the border.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>

#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "src/graph/node_view.h"

namespace sectile::internal {

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
  // shapes are those of the whole image. Null: the node does that unchanged.
  // REQUIRES: some rows of crop.input and of crop.output lie within.
  void (*crop_node)(const NodeView& view, Axis axis, const Crop& crop, Node& node) = nullptr;

  // Whether parts of this node have the bits of the whole. Null: of every node.
  bool (*possible)(const NodeView& view) = nullptr;
};

// Where a part of a node lies along one axis, in a program that stands at the image's first row.
struct PartPlace {
  std::int64_t first_input = 0;
  std::int64_t first_output = 0;
  Ratio input_scale;  // rows of its input per image row
};

// Of an image: how many rows the padding at its edges is copied from.
struct EdgeRows {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

}  // namespace sectile::internal
