#include "src/program/xnnpack/nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "src/graph/operator.h"
#include "src/graph/operators/node_format.h"
#include "src/program/container.h"
#include "src/program/xnnpack/unread_fields.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;
using Kind = fb::XNodeUnion;

Result<const NodeFormat*> format_of(const fb::XNode& source) {
  const Kind kind = source.xnode_union_type();
  if (kind > Kind::MAX) {
    return fail(ErrorCode::unsupported, fmt::format("it is of kind {}, which {} does not write",
                                                    static_cast<int>(kind), kReadableVersions));
  }
  if (kind == Kind::NONE || source.xnode_union() == nullptr) {
    return fail(ErrorCode::corrupt, "it is of no known kind");
  }
  const NodeFormat* format = find_format(fb::EnumNameXNodeUnion(kind));
  if (format != nullptr) return format;
  return fail(ErrorCode::unsupported,
              fmt::format("the operator {} is newer than Sectile", fb::EnumNameXNodeUnion(kind)));
}

// Of a node whose inputs and output are still ids in the file.
Status map_ids(const NodeFormat& format, const IdMap& value_of, Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const bool absent = node.inputs[i] == kNoValue && i >= format.required_inputs;
    if (absent) continue;
    const auto value = value_of(node.inputs[i]);
    if (!value) return fail(value.error());
    node.inputs[i] = *value;
  }
  const auto output = value_of(node.output);
  if (!output) return fail(output.error());
  node.output = *output;
  return {};
}

std::unexpected<Error> would_lose_fields(const std::string& op) {
  return fail(ErrorCode::unsupported,
              fmt::format("{} has fields that Sectile would lose: the file is newer than Sectile, "
                          "or damaged",
                          op));
}

Kind kind_of(const std::string& op) {
  for (const Kind kind : fb::EnumValuesXNodeUnion()) {
    if (op == fb::EnumNameXNodeUnion(kind)) return kind;
  }
  return Kind::NONE;
}

std::unique_ptr<fb::XNodeT> write_node(const NodeFormat& format, const Node& node,
                                       const Shape& output) {
  auto out = std::make_unique<fb::XNodeT>();
  out->xnode_union.type = kind_of(node.op);
  out->xnode_union.value = format.write(node, output);
  out->debug_handle = node.debug_handle;
  if (node.clamp) {
    out->output_min_max = std::make_unique<fb::OutputMinMaxT>();
    out->output_min_max->output_min = node.clamp->min;
    out->output_min_max->output_max = node.clamp->max;
  }
  return out;
}

// Its inputs and its output are the ids in the table.
Node read_node(const NodeFormat& format, const fb::XNodeT& table) {
  Node node;
  node.op = fb::EnumNameXNodeUnion(table.xnode_union.type);
  node.debug_handle = table.debug_handle;
  if (const auto& clamp = table.output_min_max) {
    node.clamp = OutputClamp{clamp->output_min, clamp->output_max};
  }
  format.read(table.xnode_union.value, node);
  return node;
}

// A reshape may leave one length open: the output's shape says it.
void fill_open_length(fb::XNodeT& table, const Shape& output) {
  auto* reshape = table.xnode_union.AsXNNStaticReshape();
  if (reshape == nullptr || reshape->new_shape.size() != output.dims.size()) return;
  constexpr std::uint32_t kOpen = 0;
  if (std::ranges::count(reshape->new_shape, kOpen) != 1) return;
  const auto open = std::ranges::find(reshape->new_shape, kOpen);
  *open = static_cast<std::uint32_t>(
      output.dims[static_cast<std::size_t>(open - reshape->new_shape.begin())]);
}

}  // namespace

Result<Node> decode_node(const fb::XNode& source, const std::vector<Value>& values,
                         const IdMap& value_of) {
  const auto format = format_of(source);
  if (!format) return fail(format.error());
  const std::unique_ptr<fb::XNodeT> table(source.UnPack());
  const Node as_in_file = read_node(**format, *table);
  Node node = as_in_file;
  if (auto status = map_ids(**format, value_of, node); !status) return fail(status.error());
  if (find_rule(node.op) == nullptr) return node;  // never written
  fill_open_length(*table, values[node.output].shape);
  const auto again = write_node(**format, as_in_file, values[node.output].shape);
  const bool whole = !has_newer_fields(source) && same_in_file(*table, *again);
  if (!whole) return would_lose_fields(node.op);
  return node;
}

Result<std::unique_ptr<fb::XNodeT>> encode_node(const Graph& graph, const Node& node) {
  const NodeFormat* format = find_format(node.op);
  if (format == nullptr || find_rule(node.op) == nullptr) {
    return fail(ErrorCode::internal, fmt::format("[program] {} cannot be written", node.op));
  }
  return write_node(*format, node, graph.shape(node.output));
}

}  // namespace sectile::internal
