// Program: an ExecuTorch program (.pte) as data, read from its bytes and written back.
//
// Reading checks everything that later steps rely on: the FlatBuffers of the program and of each
// delegate, the bounds of segments and constants, the order of nodes, and that every shape in the
// file is the one Sectile's own rules derive. What reads without an error can be resized, written
// and run without surprises.
// Format: ExecuTorch 1.5 exir/_serialize/program.fbs (identifier ET12) and XNNPACK's
// runtime_schema.fbs (XN00, XN01).
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sectile/footprint.h"
#include "sectile/result.h"
#include "src/base/program_bytes.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// An input or output of a method, as its caller sees it.
struct ProgramTensor {
  std::string dtype;                // "f32", or the format's own name for others
  std::vector<std::int64_t> sizes;  // NCHW for images, whatever the layout
  std::vector<std::uint8_t> dim_order;

  bool planar() const { return dim_order == std::vector<std::uint8_t>{0, 1, 2, 3}; }
  bool channels_last() const { return dim_order == std::vector<std::uint8_t>{0, 2, 3, 1}; }
};

struct ProgramMethod {
  std::string name;
  std::vector<ProgramTensor> inputs;
  std::vector<ProgramTensor> outputs;
  std::string input_tree;  // the exporter's description of the arguments, carried along
  std::string output_tree;
  std::optional<Graph>
      graph;  // one XNNPACK network from one image to one image; none: the blockers say why
  // Of a method of several inputs or outputs: the graph takes or gives them as one image, channel
  // after channel, and so do `inputs` and `outputs`; these are their values. Inputs may be a whole
  // number of times as high and wide as the image (MethodInfo::input_scales). Empty: it has one.
  std::vector<ValueId> input_parts;
  std::vector<ValueId> output_parts;
  std::vector<Blocker> blockers;
  Verdict verdict = Verdict::unsupported;  // of a method without a graph
};

struct Program {
  std::shared_ptr<const ProgramBytes> file;
  std::vector<ProgramMethod> methods;  // those that take tensors; constant methods are left out
  std::string facts;                   // Model::facts
};

}  // namespace sectile::internal
