// Nodes with every field of their table set, for every kind that the schema has: each reads and
// writes back to the same fields, and what Sectile would lose is refused.
#include <flatbuffers/flatbuffers.h>
#include <flatbuffers/minireflect.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "runtime_schema_generated.h"
#include "src/graph/operator.h"
#include "src/program/xnnpack/nodes.h"
#include "src/program/xnnpack/unread_fields.h"
#include "src/program/xnnpack/values.h"

namespace sectile::internal {
namespace {
namespace fb = fb_xnnpack;
using flatbuffers::TypeTable;
using Kind = fb::XNodeUnion;

const std::vector<std::int64_t> kDims{2, 3, 5, 7};  // of every value
constexpr std::uint32_t kValues = 64;

// Fields that the shape of the output decides, and those that hold a list.
std::vector<std::uint32_t> list_of(const std::string& field) {
  if (field == "new_shape" || field == "sizes") return {2, 3, 5, 7};
  if (field == "perm") return {3, 0, 2, 1};
  return {11, 12, 13, 14};
}
std::uint32_t number_of(const std::string& field, std::size_t index) {
  const std::map<std::string, std::uint32_t> decided{
      {"num_dims", 4}, {"new_height", 3}, {"new_width", 5}};
  const auto found = decided.find(field);
  return found == decided.end() ? static_cast<std::uint32_t>(index + 1) : found->second;
}

const TypeTable& table_of(Kind kind) {
  const TypeTable& kinds = *fb::XNodeUnionTypeTable();
  return *kinds.type_refs[kinds.type_codes[static_cast<std::size_t>(kind)].sequence_ref]();
}

struct Change {
  std::map<std::string, std::uint32_t> fields;  // other values than the usual ones
  bool newer_field = false;                     // one that the schema does not have
};

class NodeTable {
 public:
  explicit NodeTable(Kind kind, const Change& change = {}) {
    const auto table = add_table(table_of(kind), change);
    const auto clamp = fb::CreateOutputMinMax(builder_, -2.5F, 1.5F);
    builder_.Finish(fb::CreateXNode(builder_, kind, table, 77, clamp));
  }
  const fb::XNode& node() const {
    return *flatbuffers::GetRoot<fb::XNode>(builder_.GetBufferPointer());
  }

 private:
  flatbuffers::Offset<void> add_table(const TypeTable& type, const Change& change) {
    std::map<std::size_t, flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>>> lists;
    for (std::size_t i = 0; i < type.num_elems; ++i) {
      if (type.type_codes[i].is_repeating) {
        lists[i] = builder_.CreateVector(list_of(type.names[i]));
      }
    }
    const auto start = builder_.StartTable();
    for (std::size_t i = 0; i < type.num_elems; ++i) {
      const auto at = flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(i));
      const std::string name = type.names[i];
      const auto changed = change.fields.find(name);
      if (type.type_codes[i].is_repeating) {
        builder_.AddOffset(at, lists[i]);
      } else if (type.type_codes[i].base_type == flatbuffers::ET_FLOAT) {
        builder_.AddElement<float>(at, 0.25F, 0);
      } else {
        expect_uint(type, i);
        builder_.AddElement<std::uint32_t>(
            at, changed == change.fields.end() ? number_of(name, i) : changed->second, 0);
      }
    }
    if (change.newer_field) {
      const auto beyond = static_cast<flatbuffers::voffset_t>(type.num_elems);
      builder_.AddElement<std::uint32_t>(flatbuffers::FieldIndexToOffset(beyond), 1, 0);
    }
    return builder_.EndTable(start);
  }
  static void expect_uint(const TypeTable& type, std::size_t field) {
    EXPECT_EQ(type.type_codes[field].base_type, flatbuffers::ET_UINT) << type.names[field];
  }

  flatbuffers::FlatBufferBuilder builder_;
};

Graph graph_of_values() {
  Graph graph;
  Value value;
  value.shape.dims = kDims;
  graph.values.assign(kValues, value);
  return graph;
}

Result<Node> read(const NodeTable& table, const Graph& graph) {
  return decode_node(table.node(), graph.values, [](std::uint32_t id) { return id; });
}

// Fields that are there and not used: average pooling has no dilation, a concatenation of two has
// no other inputs.
Change usual(Kind kind) {
  if (kind == Kind::XNNAvgPooling2d) {
    return {.fields = {{"dilation_height", 0}, {"dilation_width", 0}}};
  }
  const std::map<Kind, int> inputs{
      {Kind::XNNConcatenate2, 2}, {Kind::XNNConcatenate3, 3}, {Kind::XNNConcatenate4, 4}};
  Change change;
  const auto found = inputs.find(kind);
  for (int i = found == inputs.end() ? 5 : found->second; i < 5; ++i) {
    change.fields["input" + std::to_string(i + 1) + "_id"] = kNoValue;
  }
  return change;
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const Kind kind : fb::EnumValuesXNodeUnion()) {
    if (kind != Kind::NONE) kinds.push_back(kind);
  }
  return kinds;
}

void expect_refused(const Result<Node>& node, const std::string& op) {
  ASSERT_FALSE(node) << op;
  EXPECT_EQ(node.error().code, ErrorCode::unsupported) << node.error().message;
  EXPECT_TRUE(node.error().message.contains(op)) << node.error().message;
}

TEST(NodeFormats, AreThereForEveryKindOfTheSchema) {
  for (const Kind kind : all_kinds()) {
    EXPECT_NE(find_format(fb::EnumNameXNodeUnion(kind)), nullptr)
        << "the schema has gained " << fb::EnumNameXNodeUnion(kind)
        << ": see docs/adding-an-operator.md";
  }
}

TEST(NodeFormats, WriteTheFieldsThatWereRead) {
  const Graph graph = graph_of_values();
  int written = 0;
  for (const Kind kind : all_kinds()) {
    const std::string op = fb::EnumNameXNodeUnion(kind);
    const NodeTable table(kind, usual(kind));
    const auto node = read(table, graph);
    ASSERT_TRUE(node) << op << ": " << node.error().message;
    EXPECT_EQ(node->op, op);
    EXPECT_EQ(node->debug_handle, 77U);
    EXPECT_EQ(node->clamp, (OutputClamp{-2.5F, 1.5F}));
    if (find_rule(op) == nullptr) continue;
    const auto again = encode_node(graph, *node);
    ASSERT_TRUE(again) << again.error().message;
    const std::unique_ptr<fb::XNodeT> source(table.node().UnPack());
    EXPECT_TRUE(same_in_file(*source, **again)) << op;
    ++written;
  }
  EXPECT_GT(written, 40);
}

TEST(NodeFormats, RefuseAFieldThatTheSchemaLacks) {
  const Graph graph = graph_of_values();
  for (const Kind kind : all_kinds()) {
    const std::string op = fb::EnumNameXNodeUnion(kind);
    if (find_rule(op) == nullptr) continue;  // never written
    Change change = usual(kind);
    change.newer_field = true;
    expect_refused(read(NodeTable(kind, change), graph), op);
  }
}

TEST(NodeFormats, RefuseAFieldThatTheyDoNotList) {
  const Graph graph = graph_of_values();
  expect_refused(read(NodeTable(Kind::XNNAvgPooling2d), graph), "XNNAvgPooling2d");
}

TEST(NodeFormats, RefuseWhatTheOutputsShapeContradicts) {
  const Graph graph = graph_of_values();
  expect_refused(read(NodeTable(Kind::XNNStaticTranspose, {.fields = {{"num_dims", 3}}}), graph),
                 "XNNStaticTranspose");
  expect_refused(
      read(NodeTable(Kind::XNNStaticResizeBilinear2D, {.fields = {{"new_width", 9}}}), graph),
      "XNNStaticResizeBilinear2D");
}

// ---- values

class ValueTable {
 public:
  explicit ValueTable(std::uint32_t flags, bool newer_field = false) {
    const auto dims = builder_.CreateVector(std::vector<std::uint32_t>{2, 3, 5, 7});
    fb::XNNTensorValueBuilder tensor(builder_);
    tensor.add_datatype(fb::XNNDatatype::xnn_datatype_fp32);
    tensor.add_num_dims(4);
    tensor.add_dims(dims);
    tensor.add_constant_buffer_idx(5);
    tensor.add_external_id(6);
    tensor.add_id_out(7);
    tensor.add_flags(flags);
    if (newer_field) {
      const auto beyond =
          static_cast<flatbuffers::voffset_t>(fb::XNNTensorValueTypeTable()->num_elems);
      builder_.AddElement<std::uint32_t>(flatbuffers::FieldIndexToOffset(beyond), 1, 0);
    }
    const auto table = tensor.Finish();
    builder_.Finish(fb::CreateXValue(builder_, fb::XValueUnion::XNNTensorValue, table.Union()));
  }
  bool would_lose_fields() const {
    Value value;
    value.shape.dims = kDims;
    const auto* source = flatbuffers::GetRoot<fb::XValue>(builder_.GetBufferPointer());
    return internal::would_lose_fields(*source, value);
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

TEST(ValueFormats, KeepTheFieldsThatSectileKnows) {
  for (const std::uint32_t flags : {0U, 1U, 2U, 3U}) {
    EXPECT_FALSE(ValueTable(flags).would_lose_fields()) << flags;
  }
}

TEST(ValueFormats, RefuseWhatWouldBeLost) {
  EXPECT_TRUE(ValueTable(4).would_lose_fields());  // XNN_VALUE_FLAG_PERSISTENT
  EXPECT_TRUE(ValueTable(0, true).would_lose_fields());
}

}  // namespace
}  // namespace sectile::internal
