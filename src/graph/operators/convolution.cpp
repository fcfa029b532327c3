// Convolutions: dense, grouped and depthwise; any kernel, stride, dilation and padding.
//
// Filters: XNNConv2d [out channels, kernel rows, kernel columns, in channels of a group];
// XNNDepthwiseConv2d [1, rows, columns, out channels]. Bias: [out channels], or absent.
#include <fmt/format.h>

#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {
using operators::indirection_bytes;
using operators::reduced;
using operators::window_reach;

bool depthwise(const NodeView& view) { return view.node.op == "XNNDepthwiseConv2d"; }

std::array<std::int64_t, 4> filter_dims(const NodeView& view) {
  const auto& conv = view.attributes<Convolution>();
  const std::int64_t rows = conv.windows.y.kernel;
  const std::int64_t columns = conv.windows.x.kernel;
  const std::int64_t out = conv.groups * conv.group_output_channels;
  if (depthwise(view)) return {1, rows, columns, out};
  return {out, rows, columns, conv.group_input_channels};
}

Status check_weights(const NodeView& view, std::span<const Shape> inputs) {
  const auto& conv = view.attributes<Convolution>();
  const auto filter = filter_dims(view);
  const bool filter_fits = std::ranges::equal(inputs[1].dims, filter) && view.input(1).constant;
  if (!filter_fits) {
    return fail(
        ErrorCode::corrupt,
        fmt::format("its filter has the shape {} where its kernel and channels make {}x{}x{}x{}",
                    to_string(inputs[1]), filter[0], filter[1], filter[2], filter[3]));
  }
  const std::array bias{conv.groups * conv.group_output_channels};
  if (view.node.inputs[2] != kNoValue &&
      !(std::ranges::equal(inputs[2].dims, bias) && view.input(2).constant)) {
    return fail(ErrorCode::corrupt,
                fmt::format("its bias has the shape {} where it has {} channels",
                            to_string(inputs[2]), bias[0]));
  }
  return {};
}

Status check(const NodeView& view, std::span<const Shape> inputs) {
  const auto& conv = view.attributes<Convolution>();
  if (auto status = operators::require_image(operators::as_image(inputs[0])); !status)
    return status;
  if (auto status = operators::require_sane(conv.windows); !status) return status;
  if (conv.groups < 1 || conv.group_input_channels < 1 || conv.group_output_channels < 1 ||
      (depthwise(view) && conv.group_input_channels != 1) ||
      inputs[0].dims[3] != conv.groups * conv.group_input_channels) {
    return fail(ErrorCode::corrupt,
                fmt::format("it takes {} groups of {} channels and is given {} channels",
                            conv.groups, conv.group_input_channels, inputs[0].dims[3]));
  }
  return check_weights(view, inputs);
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  if (auto status = check(view, inputs); !status) return fail(status.error());
  const auto& conv = view.attributes<Convolution>();
  auto out =
      operators::windowed_shape(conv.windows, operators::as_image(inputs[0]),
                                conv.groups * conv.group_output_channels, operators::window_length);
  if (!out || inputs[0].spatial()) return out;
  return out->without_axes();
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  return window_reach(view.attributes<Convolution>().windows.along(axis), output);
}

void crop_node(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  Window& window = std::get<Convolution>(node.attributes).windows.along(axis);
  window = operators::crop_window(window, crop, view.input(0).shape.length(axis));
}

Ratio scale(const NodeView& view, Axis axis) {
  return reduced(1, view.attributes<Convolution>().windows.along(axis).stride);
}

// XNNPACK has kernels for windows of up to 25 pixels and one output of each input, and computes all
// others like any other convolution (its dwconv-config.c, on every processor).
bool has_depthwise_kernel(const NodeView& view) {
  constexpr std::int64_t kMostPx = 25;
  const auto& conv = view.attributes<Convolution>();
  return depthwise(view) && conv.group_output_channels == 1 && conv.windows.kernel_px() <= kMostPx;
}

double cost(const NodeView& view) {
  const auto& conv = view.attributes<Convolution>();
  if (has_depthwise_kernel(view)) {
    return static_cast<double>(view.output_shape().elements()) *
           static_cast<double>(conv.windows.kernel_px());
  }
  const Shape& output = view.output_shape();
  return operators::kernel_cost(conv, output.length(Axis::y) * output.length(Axis::x));
}

// A 1x1 convolution of stride 1 without padding is a plain matrix product: no table.
bool is_matrix_product(const Windows& windows) {
  const auto plain = [](const Window& window) {
    return window.kernel == 1 && window.stride == 1 && window.padding() == 0;
  };
  return plain(windows.y) && plain(windows.x);
}

std::int64_t weight_bytes(const NodeView& view) {
  if (!has_depthwise_kernel(view)) return operators::block_weight_bytes(view);
  const std::int64_t channels = view.attributes<Convolution>().groups;
  return operators::packed_weight_bytes(view, round_up(channels, operators::kBlockChannels), 1);
}

OperatorMemory memory(const NodeView& view) {
  const auto& conv = view.attributes<Convolution>();
  OperatorMemory memory{.weight_bytes = weight_bytes(view)};
  if (depthwise(view) || !is_matrix_product(conv.windows)) {
    memory.indirection_bytes =
        indirection_bytes(conv.windows, view.output_shape(), has_depthwise_kernel(view));
    memory.can_be_transient = true;
  }
  return memory;
}

// A depthwise convolution of one pixel is a multiplication and an addition to XNNPACK, rounded
// twice; with padding it is a convolution like others, rounded once. A part inside the image has
// none.
bool keeps_bits_without_padding(const NodeView& view) {
  const auto& conv = view.attributes<Convolution>();
  const auto one_pixel = [](const Window& window) { return window.kernel == 1; };
  const bool padded = conv.windows.y.padding() + conv.windows.x.padding() > 0;
  return !(padded && conv.group_input_channels == 1 && conv.group_output_channels == 1 &&
           one_pixel(conv.windows.y) && one_pixel(conv.windows.x));
}

constexpr CropRule kPart{operators::exact_part<reach>, crop_node, keeps_bits_without_padding};

constexpr std::string_view kLimits =
    "any kernel, stride, dilation, padding and groups; a padded 1x1 kernel with a group for each "
    "channel does not stream: XNNPACK rounds it otherwise without padding";

Status types(const NodeView& view) {
  return operators::check_convolution_types(view, depthwise(view) ? 3 : 0);
}

constexpr OperatorRule rule(std::string_view op) {
  return {.op = op,
          .format = &kConvolutionFormat,
          .shape = shape,
          .reach = reach,
          .scale = scale,
          .cost = cost,
          .memory = memory,
          .crop = kPart,
          .limits = kLimits,
          .integers = Integers::rescaled,
          .types = types};
}

constexpr std::array kRules = {rule("XNNConv2d"), rule("XNNDepthwiseConv2d")};
}  // namespace

std::span<const OperatorRule> convolution_rules() { return kRules; }

}  // namespace sectile::internal
