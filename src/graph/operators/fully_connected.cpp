// Fully connected layers over the last dim: of each pixel's channels, as networks in channels-last
// layout have them, a 1x1 convolution by another name. Over the image's rows or columns their
// weights fit one image size.
//
// Filter: [out channels, in channels]. Bias: [out channels], or absent.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

Status check_weights(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& filter = inputs[1];
  if (!view.input(1).constant) {
    return fail(ErrorCode::unsupported, "its weights are computed from the image");
  }
  if (filter.dims.size() != 2 || filter.dims[1] != inputs[0].dims.back()) {
    return fail(ErrorCode::corrupt,
                fmt::format("its filter has the shape {} and its input {} channels",
                            to_string(filter), inputs[0].dims.back()));
  }
  if (view.node.inputs[2] == kNoValue) return {};
  const std::array bias{filter.dims[0]};
  if (view.input(2).constant && std::ranges::equal(inputs[2].dims, bias)) return {};
  return fail(ErrorCode::corrupt, fmt::format("its bias has the shape {} where it has {} channels",
                                              to_string(inputs[2]), bias[0]));
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& in = inputs[0];
  const int last = static_cast<int>(in.dims.size()) - 1;
  if (last < 1) return fail(ErrorCode::unsupported, "its input has no channels beside the image");
  if (in.y == last || in.x == last) {
    return fail(ErrorCode::unsupported,
                "its weights fit one image size; over channels it is a 1x1 convolution");
  }
  if (auto status = check_weights(view, inputs); !status) return fail(status.error());
  Shape out = in;
  out.dims.back() = inputs[1].dims[0];
  return out;
}

double cost(const NodeView& view) {
  return static_cast<double>(view.output_shape().elements()) *
         static_cast<double>(view.input(1).shape.dims[1]);
}

OperatorMemory memory(const NodeView& view) {
  const Shape& filter = view.input(1).shape;
  const std::int64_t outputs = round_up(filter.dims[0], operators::kBlockChannels);
  return {.weight_bytes = operators::packed_weight_bytes(view, outputs, filter.dims[1])};
}

Status types(const NodeView& view) { return operators::check_convolution_types(view, 0); }

constexpr auto kFields = [](auto& io, auto& table, auto&) {
  io.input(table.input1_id);
  io.input(table.filter_id);
  io.input(table.bias_id);
  io.output(table.output_id);
  io.flags(table.flags);
};

constexpr NodeFormat kFormat =
    node_format<fb_xnnpack::XNNFullyConnectedT, std::monostate, kFields>(2);

constexpr std::array kRules = {
    OperatorRule{.op = "XNNFullyConnected",
                 .format = &kFormat,
                 .shape = shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = cost,
                 .memory = memory,
                 .crop = {operators::exact_part<operators::same_range>},
                 .limits = "over channels in channels-last layout; over rows or columns its "
                           "weights fit one image size",
                 .refusals = {.unsupported = BlockerReason::fully_connected},
                 .integers = Integers::rescaled,
                 .types = types,
                 .order_matters = true}};
}  // namespace

std::span<const OperatorRule> fully_connected_rules() { return kRules; }

}  // namespace sectile::internal
