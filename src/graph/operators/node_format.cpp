#include "src/graph/operators/node_format.h"

namespace sectile::internal {

namespace {
namespace fb = fb_xnnpack;

constexpr auto kUnary = [](auto& io, auto& table, auto&) { io.ends(table); };

constexpr auto kBinary = [](auto& io, auto& table, auto&) {
  io.input(table.input1_id);
  io.input(table.input2_id);
  io.output(table.output_id);
  io.flags(table.flags);
};

constexpr auto kConvolution = [](auto& io, auto& table, auto& conv) {
  io.input(table.input1_id);
  io.input(table.filter_id);
  io.input(table.bias_id);
  io.output(table.output_id);
  io.flags(table.flags);
  auto& [y, x] = conv.windows;
  io.field(table.kernel_height, y.kernel);
  io.field(table.kernel_width, x.kernel);
  io.field(table.subsampling_height, y.stride);
  io.field(table.subsampling_width, x.stride);
  io.field(table.dilation_height, y.dilation);
  io.field(table.dilation_width, x.dilation);
  io.field(table.padding_top, y.pad_before);
  io.field(table.padding_left, x.pad_before);
  io.field(table.padding_bottom, y.pad_after);
  io.field(table.padding_right, x.pad_after);
  io.field(table.adjustment_height, y.adjustment);
  io.field(table.adjustment_width, x.adjustment);
  io.field(table.groups, conv.groups);
  io.field(table.group_input_channels, conv.group_input_channels);
  io.field(table.group_output_channels, conv.group_output_channels);
};

constexpr std::size_t kBias = 2;
}  // namespace

constexpr NodeFormat kUnaryFormat = node_format<fb::_XNNNode1x1T, std::monostate, kUnary>();
constexpr NodeFormat kBinaryFormat = node_format<fb::_XNNNode2x1T, std::monostate, kBinary>();
constexpr NodeFormat kConvolutionFormat =
    node_format<fb::_XNNNodeConvT, Convolution, kConvolution>(kBias);

}  // namespace sectile::internal
