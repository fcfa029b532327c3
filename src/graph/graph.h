// Graph: a network as data. Values, nodes, and nothing that runs.
//
// A network has one image input and one image output, batch 1; a part of one (a step of its
// streaming form) may have more of both, or none. Values inside are as XNNPACK sees them; which of
// a value's dims run along the image's rows (y) and columns (x) is found by infer_shapes and stands
// in Shape. What depends on the size of the image (the target of a reshape, the extent of a slice,
// the size of an upsampling) is not stored on nodes: the values' shapes say it. Weights are not
// here either, only where they lie in the program's file.
//
// Thread safety: plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sectile/geometry.h"
#include "src/base/data_type.h"
#include "src/graph/attributes.h"

namespace sectile::internal {

using ValueId = std::uint32_t;  // index into Graph::values
inline constexpr ValueId kNoValue = 0xFFFFFFFFU;

struct Shape {
  std::vector<std::int64_t> dims;
  int y = -1;  // which dim runs along the image's rows; -1: none
  int x = -1;

  int dim_of(Axis axis) const { return axis == Axis::y ? y : x; }
  bool spatial() const { return y >= 0 || x >= 0; }
  // Without axes: a constant, or a statistic of the whole image.
  Shape without_axes() const { return {dims, -1, -1}; }
  // Rows or columns; 1 when no dim runs along the axis.
  std::int64_t length(Axis axis) const {
    const int dim = dim_of(axis);
    return dim < 0 ? 1 : dims[static_cast<std::size_t>(dim)];
  }
  std::int64_t elements() const;
  // Of an image: its rows and columns, and the values of a pixel.
  Size size() const { return {length(Axis::y), length(Axis::x)}; }
  std::int64_t channels() const { return elements() / size().area(); }
  friend bool operator==(const Shape&, const Shape&) = default;
};
// [1, rows, columns, channels]: as most operators take an image, each row in one piece.
bool is_row_major_image(const Shape& shape);
inline constexpr std::size_t kRowMajorChannels = 3;  // the dim
// [1, channels, rows, columns].
bool is_planar_image(const Shape& shape);
std::string to_string(const Shape& shape);

// A constant: bytes of the program's file, as a rule.
struct Constant {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::string key;  // its name among the program's named data; empty when it had none
  // What it holds, where no bytes of the file do: numbers that the program would convert as it
  // runs.
  std::vector<std::byte> bytes = {};
  friend bool operator==(const Constant&, const Constant&) = default;
};

// What the integers of a value stand for.
struct Quantization {
  std::vector<float> scales;  // one, or with channel_dim one for each index of that dim
  std::int32_t zero_point = 0;
  int channel_dim = -1;  // -1: one scale for the whole value
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

struct Value {
  Shape shape;
  DataType type = DataType::f32;
  std::optional<Quantization> quantization = {};  // of i8 and i32
  std::optional<Constant> constant = {};

  std::int64_t size_bytes() const { return shape.elements() * internal::size_bytes(type); }
  // The same kind of value in another shape, not a constant.
  Value like(Shape other) const;
  friend bool operator==(const Value&, const Value&) = default;
};

struct OutputClamp {
  float min = 0;
  float max = 0;
  friend bool operator==(const OutputClamp&, const OutputClamp&) = default;
};

// XNN_FLAG_TRANSIENT_INDIRECTION_BUFFER of a node: its indirection table is made in every run, in
// the workspace, and so holds memory only while the node runs.
inline constexpr std::uint32_t kTransientTable = 0x20;

struct Node {
  std::string op;               // as in XNNPACK's serialized schema: "XNNConv2d"
  std::vector<ValueId> inputs;  // filters and biases included; kNoValue for a bias that is absent
  ValueId output = kNoValue;
  Attributes attributes;
  std::optional<OutputClamp> clamp;
  std::uint32_t flags = 0;
  std::uint32_t debug_handle = 0;
  friend bool operator==(const Node&, const Node&) = default;
};

struct Graph {
  std::vector<Value> values;
  std::vector<Node> nodes;  // in an order in which they can run
  ValueId input = kNoValue;
  ValueId output = kNoValue;
  // Row-major images that the caller provides and receives beside those two (streaming forms).
  std::vector<ValueId> extra_inputs = {};
  std::vector<ValueId> extra_outputs = {};

  // Those two and the extra ones after them; kNoValue is left out.
  std::vector<ValueId> all_inputs() const;
  std::vector<ValueId> all_outputs() const;
  const Shape& shape(ValueId id) const { return values[id].shape; }
  const Shape& input_shape() const { return shape(input); }
  const Shape& output_shape() const { return shape(output); }
  // The image size at which the values' shapes hold.
  Size image_size() const { return input_shape().size(); }
  friend bool operator==(const Graph&, const Graph&) = default;
};

// A constant of one f32; none for other values. `file`: the program's, whose bytes it is.
std::optional<float> number_of(const Value& value, std::span<const std::byte> file);

inline constexpr std::string_view kMatrixProduct = "XNNBatchMatrixMultiply";

// "node 3 (XNNConv2d)"
std::string node_name(const Graph& graph, std::size_t index);

}  // namespace sectile::internal
