#include "src/program/xnnpack/nodes.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "src/program/container.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;
using Kind = fb::XNodeUnion;

// What a node's table in the schema looks like.
enum class NodeForm {
  unary,
  binary,
  convolution,
  pooling,
  concat,
  transpose,
  reshape,
  slice,
  pad,
  resize,
  leaky,
  elu,
  other
};

NodeForm form_of(Kind kind) {
  switch (kind) {
    case Kind::XNNAdd:
    case Kind::XNNDiv:
    case Kind::XNNMinimum:
    case Kind::XNNMultiply:
    case Kind::XNNSubtract:
    case Kind::XNNMaximum:
    case Kind::XNNPReLU:
    case Kind::XNNBatchMatrixMultiply:
      return NodeForm::binary;
    case Kind::XNNConv2d:
    case Kind::XNNDepthwiseConv2d:
    case Kind::XNNConvTranspose2d:
      return NodeForm::convolution;
    case Kind::XNNAvgPooling2d:
    case Kind::XNNMaxPooling2d:
      return NodeForm::pooling;
    case Kind::XNNConcatenate2:
    case Kind::XNNConcatenate3:
    case Kind::XNNConcatenate4:
    case Kind::XNNConcatenate5:
      return NodeForm::concat;
    case Kind::XNNStaticTranspose:
      return NodeForm::transpose;
    case Kind::XNNStaticReshape:
      return NodeForm::reshape;
    case Kind::XNNStaticSlice:
      return NodeForm::slice;
    case Kind::XNNStaticConstantPad:
      return NodeForm::pad;
    case Kind::XNNStaticResizeBilinear2D:
      return NodeForm::resize;
    case Kind::XNNLeakyReLU:
      return NodeForm::leaky;
    case Kind::XNNELU:
      return NodeForm::elu;
    case Kind::XNNFullyConnected:
    case Kind::XNNArgMaxPooling2d:
    case Kind::XNNScaledDotProductAttention:
    case Kind::NONE:
      return NodeForm::other;
    default:
      return NodeForm::unary;
  }
}

std::size_t concat_inputs(Kind kind) {
  switch (kind) {
    case Kind::XNNConcatenate2:
      return 2;
    case Kind::XNNConcatenate3:
      return 3;
    case Kind::XNNConcatenate4:
      return 4;
    default:
      return 5;
  }
}

// ---- reading. A RawNode names values by their ids in the file.

struct RawNode {
  Node node;
  std::vector<std::uint32_t> inputs;
  std::uint32_t output = 0;
};

std::vector<std::int64_t> numbers(const flatbuffers::Vector<std::uint32_t>* list) {
  std::vector<std::int64_t> out;
  if (list != nullptr) out.assign(list->begin(), list->end());
  return out;
}

void read_unary(const fb::_XNNNode1x1& in, RawNode& raw) {
  raw.inputs = {in.input_id()};
  raw.output = in.output_id();
  raw.node.flags = in.flags();
}

void read_binary(const fb::_XNNNode2x1& in, RawNode& raw) {
  raw.inputs = {in.input1_id(), in.input2_id()};
  raw.output = in.output_id();
  raw.node.flags = in.flags();
}

void read_convolution(const fb::_XNNNodeConv& in, RawNode& raw) {
  raw.inputs = {in.input1_id(), in.filter_id(), in.bias_id()};
  raw.output = in.output_id();
  raw.node.flags = in.flags();
  const Window y{in.kernel_height(), in.subsampling_height(), in.dilation_height(),
                 in.padding_top(),   in.padding_bottom(),     in.adjustment_height()};
  const Window x{in.kernel_width(), in.subsampling_width(), in.dilation_width(),
                 in.padding_left(), in.padding_right(),     in.adjustment_width()};
  raw.node.attributes =
      Convolution{{y, x}, in.groups(), in.group_input_channels(), in.group_output_channels()};
}

void read_pooling(const fb::_XNNPooling2D& in, Kind kind, RawNode& raw) {
  raw.inputs = {in.input_id()};
  raw.output = in.output_id();
  raw.node.flags = in.flags();
  // Average pooling has no dilation; its fields hold 0.
  const bool dilated = kind == Kind::XNNMaxPooling2d;
  const Window y{in.pooling_height(), in.stride_height(),  dilated ? in.dilation_height() : 1,
                 in.padding_top(),    in.padding_bottom(), 0};
  const Window x{in.pooling_width(), in.stride_width(),  dilated ? in.dilation_width() : 1,
                 in.padding_left(),  in.padding_right(), 0};
  raw.node.attributes = Pooling{{y, x}};
}

void read_concat(const fb::_XNNCat& in, Kind kind, RawNode& raw) {
  const std::array ids{in.input1_id(), in.input2_id(), in.input3_id(), in.input4_id(),
                       in.input5_id()};
  raw.inputs.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(concat_inputs(kind)));
  raw.output = in.output_id();
  raw.node.flags = in.flags();
  raw.node.attributes = Concat{in.axis()};
}

template <typename Table>
const Table& as(const fb::XNode& node) {
  return *static_cast<const Table*>(node.xnode_union());
}

template <typename Table>
void read_ends(const Table& in, RawNode& raw) {
  raw.inputs = {in.input_id()};
  raw.output = in.output_id();
  raw.node.flags = in.flags();
}

void read_movement(const fb::XNode& node, NodeForm form, RawNode& raw) {
  if (form == NodeForm::transpose) {
    const auto& in = as<fb::XNNStaticTranspose>(node);
    read_ends(in, raw);
    raw.node.attributes = Transpose{numbers(in.perm())};
  } else if (form == NodeForm::reshape) {
    read_ends(as<fb::XNNStaticReshape>(node), raw);
  } else if (form == NodeForm::slice) {
    const auto& in = as<fb::XNNStaticSlice>(node);
    read_ends(in, raw);
    raw.node.attributes = Slice{numbers(in.offsets())};
  } else if (form == NodeForm::pad) {
    const auto& in = as<fb::XNNStaticConstantPad>(node);
    read_ends(in, raw);
    raw.node.attributes =
        Pad{numbers(in.pre_paddings()), numbers(in.post_paddings()), in.padding_value()};
  } else {
    read_ends(as<fb::XNNStaticResizeBilinear2D>(node), raw);
  }
}

// Operators without a rule: enough for `inspect` to name them and to follow the values through the
// graph.
void read_other(const fb::XNode& node, Kind kind, RawNode& raw) {
  if (kind == Kind::XNNFullyConnected) {
    const auto& in = as<fb::XNNFullyConnected>(node);
    raw.inputs = {in.input1_id(), in.filter_id(), in.bias_id()};
    raw.output = in.output_id();
  } else if (kind == Kind::XNNArgMaxPooling2d) {
    const auto& in = as<fb::XNNArgMaxPooling2d>(node);
    raw.inputs = {in.input_id()};
    raw.output = in.output_value_id();
  } else {
    const auto& in = as<fb::XNNScaledDotProductAttention>(node);
    raw.inputs = {in.query_id(), in.key_id(), in.value_id(), in.scale_id(), in.mask_id()};
    raw.output = in.output_id();
  }
}

void read_by_form(const fb::XNode& node, RawNode& raw) {
  const Kind kind = node.xnode_union_type();
  switch (form_of(kind)) {
    case NodeForm::unary:
      return read_unary(as<fb::_XNNNode1x1>(node), raw);
    case NodeForm::binary:
      return read_binary(as<fb::_XNNNode2x1>(node), raw);
    case NodeForm::convolution:
      return read_convolution(as<fb::_XNNNodeConv>(node), raw);
    case NodeForm::pooling:
      return read_pooling(as<fb::_XNNPooling2D>(node), kind, raw);
    case NodeForm::concat:
      return read_concat(as<fb::_XNNCat>(node), kind, raw);
    case NodeForm::leaky:
      read_ends(as<fb::XNNLeakyReLU>(node), raw);
      raw.node.attributes = LeakyRelu{as<fb::XNNLeakyReLU>(node).negative_slope()};
      return;
    case NodeForm::elu:
      read_ends(as<fb::XNNELU>(node), raw);
      raw.node.attributes = Elu{as<fb::XNNELU>(node).alpha()};
      return;
    case NodeForm::other:
      return read_other(node, kind, raw);
    default:
      return read_movement(node, form_of(kind), raw);
  }
}

// ---- writing

using Uints = std::vector<std::uint32_t>;
Uints numbers(const std::vector<std::int64_t>& list) { return {list.begin(), list.end()}; }

std::unique_ptr<fb::_XNNNodeConvT> write_convolution(const Node& node) {
  const auto& conv = std::get<Convolution>(node.attributes);
  const auto u32 = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  auto out = std::make_unique<fb::_XNNNodeConvT>();
  out->padding_top = u32(conv.windows.y.pad_before);
  out->padding_right = u32(conv.windows.x.pad_after);
  out->padding_bottom = u32(conv.windows.y.pad_after);
  out->padding_left = u32(conv.windows.x.pad_before);
  out->kernel_height = u32(conv.windows.y.kernel);
  out->kernel_width = u32(conv.windows.x.kernel);
  out->subsampling_height = u32(conv.windows.y.stride);
  out->subsampling_width = u32(conv.windows.x.stride);
  out->dilation_height = u32(conv.windows.y.dilation);
  out->dilation_width = u32(conv.windows.x.dilation);
  out->group_input_channels = u32(conv.group_input_channels);
  out->group_output_channels = u32(conv.group_output_channels);
  out->groups = u32(conv.groups);
  out->adjustment_height = u32(conv.windows.y.adjustment);
  out->adjustment_width = u32(conv.windows.x.adjustment);
  out->input1_id = node.inputs[0];
  out->filter_id = node.inputs[1];
  out->bias_id = node.inputs[2];
  out->output_id = node.output;
  out->flags = node.flags;
  return out;
}

std::unique_ptr<fb::_XNNPooling2DT> write_pooling(const Node& node, Kind kind) {
  const Windows& windows = std::get<Pooling>(node.attributes).windows;
  const auto u32 = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  const bool dilated = kind == Kind::XNNMaxPooling2d;
  auto out = std::make_unique<fb::_XNNPooling2DT>();
  out->padding_top = u32(windows.y.pad_before);
  out->padding_right = u32(windows.x.pad_after);
  out->padding_bottom = u32(windows.y.pad_after);
  out->padding_left = u32(windows.x.pad_before);
  out->pooling_height = u32(windows.y.kernel);
  out->pooling_width = u32(windows.x.kernel);
  out->stride_height = u32(windows.y.stride);
  out->stride_width = u32(windows.x.stride);
  out->dilation_height = dilated ? u32(windows.y.dilation) : 0;
  out->dilation_width = dilated ? u32(windows.x.dilation) : 0;
  out->input_id = node.inputs[0];
  out->output_id = node.output;
  out->flags = node.flags;
  return out;
}

std::unique_ptr<fb::_XNNCatT> write_concat(const Node& node) {
  auto out = std::make_unique<fb::_XNNCatT>();
  const std::array fields{&out->input1_id, &out->input2_id, &out->input3_id, &out->input4_id,
                          &out->input5_id};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) *fields[i] = node.inputs[i];
  out->axis = static_cast<std::uint32_t>(std::get<Concat>(node.attributes).axis);
  out->output_id = node.output;
  out->flags = node.flags;
  return out;
}

template <typename Table>
std::unique_ptr<Table> with_ends(const Node& node) {
  auto out = std::make_unique<Table>();
  out->input_id = node.inputs[0];
  out->output_id = node.output;
  out->flags = node.flags;
  return out;
}

void* write_movement(const Graph& graph, const Node& node, NodeForm form) {
  const Shape& shape = graph.shape(node.output);
  const auto rank = static_cast<std::uint32_t>(shape.dims.size());
  if (form == NodeForm::transpose) {
    auto out = with_ends<fb::XNNStaticTransposeT>(node);
    out->num_dims = rank;
    out->perm = numbers(std::get<Transpose>(node.attributes).perm);
    return out.release();
  }
  if (form == NodeForm::reshape) {
    auto out = with_ends<fb::XNNStaticReshapeT>(node);
    out->num_dims = rank;
    out->new_shape = numbers(shape.dims);
    return out.release();
  }
  if (form == NodeForm::slice) {
    auto out = with_ends<fb::XNNStaticSliceT>(node);
    out->num_dims = rank;
    out->offsets = numbers(std::get<Slice>(node.attributes).offsets);
    out->sizes = numbers(shape.dims);
    return out.release();
  }
  if (form == NodeForm::pad) {
    const auto& pad = std::get<Pad>(node.attributes);
    auto out = with_ends<fb::XNNStaticConstantPadT>(node);
    out->pre_paddings = numbers(pad.before);
    out->post_paddings = numbers(pad.after);
    out->padding_value = pad.value;
    return out.release();
  }
  auto out = with_ends<fb::XNNStaticResizeBilinear2DT>(node);
  out->new_height = static_cast<std::uint32_t>(shape.length(Axis::y));
  out->new_width = static_cast<std::uint32_t>(shape.length(Axis::x));
  return out.release();
}

// The schema's union owns what it points to; null for operators that are never written.
void* write_by_form(const Graph& graph, const Node& node, Kind kind) {
  switch (form_of(kind)) {
    case NodeForm::unary:
      return with_ends<fb::_XNNNode1x1T>(node).release();
    case NodeForm::binary: {
      auto out = std::make_unique<fb::_XNNNode2x1T>();
      out->input1_id = node.inputs[0];
      out->input2_id = node.inputs[1];
      out->output_id = node.output;
      out->flags = node.flags;
      return out.release();
    }
    case NodeForm::convolution:
      return write_convolution(node).release();
    case NodeForm::pooling:
      return write_pooling(node, kind).release();
    case NodeForm::concat:
      return write_concat(node).release();
    case NodeForm::leaky: {
      auto out = with_ends<fb::XNNLeakyReLUT>(node);
      out->negative_slope = std::get<LeakyRelu>(node.attributes).negative_slope;
      return out.release();
    }
    case NodeForm::elu: {
      auto out = with_ends<fb::XNNELUT>(node);
      out->alpha = std::get<Elu>(node.attributes).alpha;
      return out.release();
    }
    case NodeForm::other:
      return nullptr;
    default:
      return write_movement(graph, node, form_of(kind));
  }
}

// A bias, and the optional inputs of operators without a rule.
bool may_be_absent(Kind kind, std::size_t input) {
  return form_of(kind) == NodeForm::other || (form_of(kind) == NodeForm::convolution && input == 2);
}

Kind kind_of(const std::string& op) {
  for (const Kind kind : fb::EnumValuesXNodeUnion()) {
    if (op == fb::EnumNameXNodeUnion(kind)) return kind;
  }
  return Kind::NONE;
}

}  // namespace

Result<Node> decode_node(const fb::XNode& node, const IdMap& value_of) {
  const Kind kind = node.xnode_union_type();
  if (kind > Kind::MAX) {
    return fail(ErrorCode::unsupported,
                fmt::format("a node of the network is of kind {}, which {} does not write",
                            static_cast<int>(kind), kReadableVersions));
  }
  if (kind == Kind::NONE || node.xnode_union() == nullptr) {
    return fail(ErrorCode::corrupt, "a node of the network is of no known kind");
  }
  RawNode raw;
  raw.node.op = fb::EnumNameXNodeUnion(kind);
  raw.node.debug_handle = node.debug_handle();
  if (const auto* clamp = node.output_min_max()) {
    raw.node.clamp = OutputClamp{clamp->output_min(), clamp->output_max()};
  }
  read_by_form(node, raw);
  for (std::size_t i = 0; i < raw.inputs.size(); ++i) {
    const std::uint32_t id = raw.inputs[i];
    const bool absent = id == kNoValue && may_be_absent(kind, i);
    const auto value = absent ? Result<ValueId>(kNoValue) : value_of(id);
    if (!value) return fail(value.error());
    raw.node.inputs.push_back(*value);
  }
  const auto output = value_of(raw.output);
  if (!output) return fail(output.error());
  raw.node.output = *output;
  return std::move(raw.node);
}

Result<std::unique_ptr<fb::XNodeT>> encode_node(const Graph& graph, const Node& node) {
  const Kind kind = kind_of(node.op);
  auto out = std::make_unique<fb::XNodeT>();
  out->xnode_union.type = kind;
  out->xnode_union.value = write_by_form(graph, node, kind);
  if (out->xnode_union.value == nullptr) {
    out->xnode_union.type = Kind::NONE;
    return fail(ErrorCode::internal, fmt::format("[program] {} cannot be written", node.op));
  }
  out->debug_handle = node.debug_handle;
  if (node.clamp) {
    out->output_min_max = std::make_unique<fb::OutputMinMaxT>();
    out->output_min_max->output_min = node.clamp->min;
    out->output_min_max->output_max = node.clamp->max;
  }
  return out;
}

}  // namespace sectile::internal
