// NodeFormat: how the nodes of one operator stand in XNNPACK's serialized schema.
//
// An operator's file lists the fields of its table once, each beside what it is to Sectile:
//
//   constexpr auto kFields = [](auto& io, auto& table, auto& leaky) {
//     io.ends(table);
//     io.field(table.negative_slope, leaky.negative_slope);
//   };
//   constexpr NodeFormat kFormat = node_format<fb_xnnpack::XNNLeakyReLUT, LeakyRelu, kFields>();
//
// That list reads nodes and writes them. A field that is not in it is found when a program is read:
// the node is written again and compared (src/program/xnnpack/nodes.cpp).
//
// Thread safety: formats are constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "runtime_schema_generated.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct NodeFormat {
  // Sets the node's attributes and flags; its inputs and its output become the ids in the table.
  // REQUIRES: `table` is of the FlatBuffers object type of this format.
  void (*read)(const void* table, Node& node) = nullptr;

  // A new table, which the caller puts into the schema's union: the union owns it. `output` is the
  // shape of the node's output.
  void* (*write)(const Node& node, const Shape& output) = nullptr;

  // Inputs from this one on may be absent (a bias).
  std::size_t required_inputs = SIZE_MAX;
};

// Takes the fields of a table into a node.
class FieldReader {
 public:
  explicit FieldReader(Node& node) : node_(node) {}

  template <typename InFile, typename Ours>
  void field(const InFile& in_file, Ours& ours) const {
    ours = static_cast<Ours>(in_file);
  }
  void field(const std::vector<std::uint32_t>& in_file, std::vector<std::int64_t>& ours) const {
    ours.assign(in_file.begin(), in_file.end());
  }
  // What the fields say that were taken before.
  template <typename Ours>
  void derived(Ours& ours, const Ours& value) const {
    ours = value;
  }
  void input(std::uint32_t id) const { node_.inputs.push_back(id); }
  void unused(std::uint32_t) const {}
  void output(std::uint32_t id) const { node_.output = id; }
  void flags(std::uint32_t flags) const { node_.flags = flags; }
  template <typename Table>
  void ends(const Table& table) const {
    input(table.input_id);
    output(table.output_id);
    flags(table.flags);
  }
  // Fields that say what the shape of the output says already. `write` is for writing.
  template <typename Table, typename Write>
  void from_output(const Table&, Write) const {}

 private:
  Node& node_;
};

// Puts a node into the fields of a table.
class FieldWriter {
 public:
  FieldWriter(const Node& node, const Shape& output) : node_(node), output_(output) {}

  template <typename InFile, typename Ours>
  void field(InFile& in_file, const Ours& ours) const {
    in_file = static_cast<InFile>(ours);
  }
  void field(std::vector<std::uint32_t>& in_file, const std::vector<std::int64_t>& ours) const {
    in_file.assign(ours.begin(), ours.end());
  }
  template <typename Ours>
  void derived(const Ours&, const Ours&) const {}
  void input(std::uint32_t& id) { id = node_.inputs[next_input_++]; }
  void unused(std::uint32_t& id) const { id = kNoValue; }
  void output(std::uint32_t& id) const { id = node_.output; }
  void flags(std::uint32_t& flags) const { flags = node_.flags; }
  template <typename Table>
  void ends(Table& table) {
    input(table.input_id);
    output(table.output_id);
    flags(table.flags);
  }
  template <typename Table, typename Write>
  void from_output(Table& table, Write write) const {
    write(table, output_.dims);
  }

 private:
  const Node& node_;
  const Shape& output_;
  std::size_t next_input_ = 0;
};

template <typename Table, typename Own, auto fields>
void read_node(const void* table, Node& node) {
  FieldReader io(node);
  Own own{};
  fields(io, *static_cast<const Table*>(table), own);
  node.attributes = std::move(own);
}

template <typename Table, typename Own, auto fields>
void* write_node(const Node& node, const Shape& output) {
  FieldWriter io(node, output);
  auto table = std::make_unique<Table>();
  fields(io, *table, std::get<Own>(node.attributes));
  return table.release();
}

// The format of nodes in `Table` (the schema's object type) with the attributes `Own`
// (std::monostate: none). `fields` is called with the reader or the writer, the table and the
// attributes.
template <typename Table, typename Own, auto fields>
constexpr NodeFormat node_format(std::size_t required_inputs = SIZE_MAX) {
  return {read_node<Table, Own, fields>, write_node<Table, Own, fields>, required_inputs};
}

// Tables that several files' operators have.
extern const NodeFormat kUnaryFormat;
extern const NodeFormat kBinaryFormat;
extern const NodeFormat kConvolutionFormat;

}  // namespace sectile::internal
