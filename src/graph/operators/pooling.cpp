// Max and average pooling over windows. XNNPACK's average leaves padding out of the count.
#include <fmt/format.h>

#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {
using operators::reduced;
using operators::window_reach;

// PyTorch pads both ends alike; more at the end comes from ceil_mode, where the amount depends on
// the exported size.
Status require_even_padding(const Windows& windows) {
  if (windows.y.pad_before == windows.y.pad_after && windows.x.pad_before == windows.x.pad_after) {
    return {};
  }
  return fail(ErrorCode::unsupported,
              "its padding at the end (ceil_mode) holds for the exported size alone; pad with "
              "F.pad, or pool without ceil_mode");
}

// A window that lies in the padding alone has nothing to average or to take the maximum of.
Status require_thin_padding(const Windows& windows) {
  if (windows.y.pad_before < windows.y.extent() && windows.x.pad_before < windows.x.extent()) {
    return {};
  }
  return fail(ErrorCode::corrupt, "its padding is as wide as its window");
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Windows& windows = view.attributes<Pooling>().windows;
  if (auto status = operators::require_image(inputs[0]); !status) return fail(status.error());
  if (auto status = operators::require_sane(windows); !status) return fail(status.error());
  if (auto status = require_even_padding(windows); !status) return fail(status.error());
  if (auto status = require_thin_padding(windows); !status) return fail(status.error());
  return operators::windowed_shape(windows, inputs[0], inputs[0].dims[3], operators::window_length);
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  return window_reach(view.attributes<Pooling>().windows.along(axis), output);
}

void crop_node(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  Window& window = std::get<Pooling>(node.attributes).windows.along(axis);
  window = operators::crop_window(window, crop, view.input(0).shape.length(axis));
}

Ratio scale(const NodeView& view, Axis axis) {
  return reduced(1, view.attributes<Pooling>().windows.along(axis).stride);
}

double cost(const NodeView& view) {
  const Windows& windows = view.attributes<Pooling>().windows;
  return static_cast<double>(view.output_shape().elements()) *
         static_cast<double>(windows.kernel_px());
}

OperatorMemory max_pool_memory(const NodeView& view) {
  return {.indirection_bytes = operators::indirection_bytes(view.attributes<Pooling>().windows,
                                                            view.output_shape(), true)};
}

// XNNPACK averages without a table: measured. Beside padding each output pixel has its own divisor.
OperatorMemory average_pool_memory(const NodeView& view) {
  const Windows& windows = view.attributes<Pooling>().windows;
  if (windows.y.padding() + windows.x.padding() == 0) return {};
  return {.indirection_bytes =
              4 * view.output_shape().length(Axis::y) * view.output_shape().length(Axis::x)};
}

// ---- the node in the file

constexpr auto kPooling = [](auto& io, auto& table, auto& pooling) {
  io.ends(table);
  auto& [y, x] = pooling.windows;
  io.field(table.pooling_height, y.kernel);
  io.field(table.pooling_width, x.kernel);
  io.field(table.stride_height, y.stride);
  io.field(table.stride_width, x.stride);
  io.field(table.padding_top, y.pad_before);
  io.field(table.padding_left, x.pad_before);
  io.field(table.padding_bottom, y.pad_after);
  io.field(table.padding_right, x.pad_after);
};

constexpr auto kMaxPooling = [](auto& io, auto& table, auto& pooling) {
  kPooling(io, table, pooling);
  io.field(table.dilation_height, pooling.windows.y.dilation);
  io.field(table.dilation_width, pooling.windows.x.dilation);
};

// Average pooling has no dilation; its fields hold 0.
constexpr NodeFormat kAverageFormat = node_format<fb_xnnpack::_XNNPooling2DT, Pooling, kPooling>();
constexpr NodeFormat kMaxFormat = node_format<fb_xnnpack::_XNNPooling2DT, Pooling, kMaxPooling>();

constexpr CropRule kPart{operators::exact_part<reach>, crop_node};

constexpr std::array kRules = {
    OperatorRule{.op = "XNNMaxPooling2d",
                 .format = &kMaxFormat,
                 .shape = shape,
                 .reach = reach,
                 .scale = scale,
                 .cost = cost,
                 .memory = max_pool_memory,
                 .crop = kPart,
                 .limits = "dilation and padding; ceil_mode's padding is refused: it holds for the "
                           "exported size alone",
                 .refusals = {.unsupported = BlockerReason::pool_padding},
                 .integers = Integers::moved},
    OperatorRule{.op = "XNNAvgPooling2d",
                 .format = &kAverageFormat,
                 .shape = shape,
                 .reach = reach,
                 .scale = scale,
                 .cost = cost,
                 .memory = average_pool_memory,
                 .crop = kPart,
                 .limits =
                     "padding left out of the count; ceil_mode's padding is refused: it holds "
                     "for the exported size alone",
                 .refusals = {.unsupported = BlockerReason::pool_padding}}};
}  // namespace

std::span<const OperatorRule> pooling_rules() { return kRules; }

}  // namespace sectile::internal
