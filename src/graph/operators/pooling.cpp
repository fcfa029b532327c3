// Max and average pooling over windows. XNNPACK's average leaves padding out of the count; averages
// that count it stay outside, as a kernel of ExecuTorch's own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/kernel_windows.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/passes/whole_image_pools.h"

namespace sectile::internal {
namespace {
using operators::reduced;
using operators::window_reach;

// How many windows there are in ceil_mode: one more where rows are left, unless it would begin in
// the padding at the end.
// Source: the documentation of torch.nn.MaxPool2d.
std::int64_t windows_in_ceil_mode(const Window& window, std::int64_t rows) {
  const std::int64_t room = rows + 2 * window.pad_before - window.extent();
  const std::int64_t count = ceil_div(room, window.stride) + 1;
  return (count - 1) * window.stride >= rows + window.pad_before ? count - 1 : count;
}

// The window with the padding that it needs in ceil_mode.
Window filled_up(Window window, std::int64_t rows) {
  const std::int64_t last = (windows_in_ceil_mode(window, rows) - 1) * window.stride;
  window.pad_after = std::max(window.pad_before, last + window.extent() - window.pad_before - rows);
  return window;
}

Windows windows_at(const Pooling& pooling, const Shape& image) {
  if (!pooling.ceil_mode) return pooling.windows;
  return {filled_up(pooling.windows.y, image.length(Axis::y)),
          filled_up(pooling.windows.x, image.length(Axis::x))};
}

// Averages over a window that hangs over the end have a divisor of their own.
Status require_ends(const NodeView& view, const Shape& image) {
  const auto& pooling = view.attributes<Pooling>();
  const bool is_max = view.node.op == "XNNMaxPooling2d";
  const Windows& windows = pooling.windows;
  const Shape exported{view.input(0).shape.dims, image.y, image.x};
  if (is_max && windows == windows_at(pooling, exported)) return {};
  if (!is_max && !pooling.ceil_mode) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("it pads {} rows and {} columns at the start, {} and {} at the end: pad "
                          "with F.pad, or pool without ceil_mode",
                          windows.y.pad_before, windows.x.pad_before, windows.y.pad_after,
                          windows.x.pad_after));
}

// A window that lies in the padding alone has nothing to average or to take the maximum of.
Status require_thin_padding(const Windows& windows) {
  const auto is_thin = [](const Window& window) {
    return std::max(window.pad_before, window.pad_after) < window.extent();
  };
  if (is_thin(windows.y) && is_thin(windows.x)) return {};
  return fail(ErrorCode::corrupt, "its padding is as wide as its window");
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Windows& windows = view.attributes<Pooling>().windows;
  if (auto status = operators::require_image(inputs[0]); !status) return fail(status.error());
  if (auto status = operators::require_sane(windows); !status) return fail(status.error());
  if (auto status = require_thin_padding(windows); !status) return fail(status.error());
  if (auto status = require_ends(view, inputs[0]); !status) return fail(status.error());
  const Windows at_size = windows_at(view.attributes<Pooling>(), inputs[0]);
  return operators::windowed_shape(at_size, inputs[0], inputs[0].dims[3], operators::window_length);
}

void fit(const NodeView& view, Node& node) {
  auto& pooling = std::get<Pooling>(node.attributes);
  pooling.windows = windows_at(pooling, view.input(0).shape);
}

// Rows after the last window, of which ceil_mode would make one more.
std::int64_t rows_left(const Window& window, std::int64_t rows) {
  const std::int64_t room = rows + window.padding() - window.extent();
  const bool is_left = windows_in_ceil_mode(window, rows) > floor_div(room, window.stride) + 1;
  return is_left ? floor_mod(room, window.stride) : 0;
}

// At the exported size they tell: left out, or padded. Averages in ceil_mode are no nodes of
// XNNPACK's (source: AvgPoolingConfig of ExecuTorch's XNNPACK partitioner).
std::optional<LengthDoubt> length_doubt(const NodeView& view, Axis axis, const OtherImage& image) {
  const auto& [windows, ceil_mode] = view.attributes<Pooling>();
  const Shape& exported = view.input(0).shape;
  const std::int64_t rows = operators::rows_of(view, axis, image);
  const std::int64_t left = rows_left(windows.along(axis), rows);
  const bool is_known = ceil_mode || rows_left(windows.y, exported.length(Axis::y)) > 0 ||
                        rows_left(windows.x, exported.length(Axis::x)) > 0;
  if (is_known || left == 0) return {};
  return LengthDoubt{
      fmt::format("its windows leave {} of {} {}, and none as it was exported, so the program does "
                  "not say whether they are left out or taken (ceil_mode)",
                  left, rows, operators::rows_or_columns(axis))};
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

// A pool over the whole image, or over a part of it (an adaptive pool to 2x2), is written with the
// windows of the exported size. Pools of at most kOwnWindow rows that make several are taken for
// windows, as networks halve images by them; and so are windows beside padding, which they share
// with convolutions, unless each of them covers all rows.
constexpr std::int64_t kAdaptiveRows = 16;

bool may_follow_size(const Window& window, std::int64_t rows, std::int64_t outputs) {
  if (window.kernel == 1) return false;
  if (window.pad_before > 0) return window.extent() >= 2 * rows - 1;
  if (outputs == 1) return true;
  const bool divides = window.stride == window.kernel && outputs <= kAdaptiveRows;
  return window.kernel > kOwnWindow && (divides || 2 * window.extent() > rows);
}

std::optional<SizeDoubt> doubt_about(const Windows& windows, const NodeView& view, Axis axis) {
  const Shape& in = view.input(0).shape;
  const Shape& out = view.output_shape();
  const auto covers = [&](Axis a) {
    return out.length(a) == 1 && windows.along(a).kernel > kOwnWindow;
  };
  if (covers(Axis::y) && covers(Axis::x)) {
    return SizeDoubt{why_whole_image({windows.y.kernel, windows.x.kernel}),
                     BlockerReason::whole_image_pool};
  }
  if (!may_follow_size(windows.along(axis), in.length(axis), out.length(axis))) return {};
  return SizeDoubt{fmt::format(
      "its window of {} {} makes {} of the {} there are as it was exported: it may be fixed, or "
      "follow the image's size",
      windows.along(axis).kernel, operators::rows_or_columns(axis), out.length(axis),
      in.length(axis))};
}

std::optional<SizeDoubt> size_doubt(const NodeView& view, Axis axis) {
  return doubt_about(view.attributes<Pooling>().windows, view, axis);
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

// ---- the kernel: input, window, stride, padding, ceil mode, whether it counts padding, divisor

namespace kernel {

constexpr std::size_t kWindow = 1;
constexpr std::size_t kStride = 2;
constexpr std::size_t kCeilMode = 4;
constexpr std::size_t kDivisor = 6;
constexpr std::string_view kKernel = "aten::avg_pool2d.out";
constexpr std::string_view kRowMajor = "aten::avg_pool2d";
constexpr KernelFormat kFormat{
    .arguments = "tlllbbI", .row_major = kRowMajor, .padding_argument = 3, .counts_padding = 5};

// Windows that are their own stride name none. REQUIRES: require_windows.
Windows windows_of(const NodeView& view) {
  const auto& window = *operators::kernel_argument<KernelCall::Integers>(view, kWindow);
  const std::size_t stride = operators::is_pair(view, kStride) ? kStride : kWindow;
  return operators::kernel_windows(view, {window[0], window[1]}, stride, SIZE_MAX);
}

Status require_windows(const NodeView& view, const Shape& image) {
  const auto* stride = operators::kernel_argument<KernelCall::Integers>(view, kStride);
  const bool has_stride = stride != nullptr && (stride->empty() || stride->size() == 2);
  if (is_row_major_image(image) && has_stride && operators::is_pair(view, kWindow)) {
    return {};
  }
  return fail(ErrorCode::unsupported, "it takes windows of no image of rows and columns");
}

// In ceil mode one more window would hang over the end, and have a divisor of its own.
Status require_whole_windows(const NodeView& view, const Windows& windows, const Shape& image) {
  if (!*operators::kernel_argument<bool>(view, kCeilMode)) return {};
  for (const Axis axis : {Axis::y, Axis::x}) {
    const Window& window = windows.along(axis);
    const std::int64_t room = image.length(axis) - window.kernel;
    if (room >= 0 && room % window.stride == 0) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("its windows of {} every {} leave a part of {} {}, padding included "
                            "(ceil_mode)",
                            window.kernel, window.stride, image.length(axis),
                            operators::rows_or_columns(axis)));
  }
  return {};
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& image = inputs[0];
  if (auto status = require_windows(view, image); !status) return fail(status.error());
  const Windows windows = windows_of(view);
  auto out = operators::kernel_windows_shape(windows, image, image.dims[3]);
  if (!out) return out;
  if (auto status = require_whole_windows(view, windows, image); !status) {
    return fail(status.error());
  }
  return out;
}

using OwnWindows = operators::KernelWindows<windows_of>;

// As src/program/adaptive_pool.cpp writes them.
bool is_adaptive(const NodeView& view) {
  const auto* divisor = operators::kernel_argument<std::int64_t>(view, kDivisor);
  return *operators::kernel_argument<bool>(view, kCeilMode) && divisor != nullptr &&
         *divisor == windows_of(view).kernel_px();
}

// One to few rows may be one to as many of any image.
std::optional<SizeDoubt> size_doubt(const NodeView& view, Axis axis) {
  constexpr std::int64_t kFewRows = 32;
  const std::int64_t outputs = view.output_shape().length(axis);
  const std::int64_t rows = view.input(0).shape.length(axis);
  if (!is_adaptive(view) || outputs > kFewRows || outputs == rows) {
    return doubt_about(windows_of(view), view, axis);
  }
  return SizeDoubt{
      fmt::format("it makes {} {} of {} as it was exported: so many of any image, or a part of "
                  "those there are",
                  outputs, operators::rows_or_columns(axis), rows)};
}

double cost(const NodeView& view) { return OwnWindows::cost(view, 1); }

void lower(const NodeView& view, Graph& graph) { operators::lower_to_kernel(view, graph, kKernel); }

constexpr OperatorRule rule(std::string_view op) {
  OperatorRule rule = OwnWindows::rule(op);
  rule.shape = shape;
  rule.cost = cost;
  rule.limits =
      "of f32, with padding that the average counts; with ceil_mode, images that whole windows "
      "cover; a window that may stand for the exported size is refused";
  rule.refusals = {.unsupported = BlockerReason::pool_padding};
  rule.size_doubt = size_doubt;
  return rule;
}

}  // namespace kernel

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
  // PyTorch pads both ends alike, and in ceil_mode the end by what the last window needs more.
  io.derived(pooling.ceil_mode, y.pad_before != y.pad_after || x.pad_before != x.pad_after);
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

constexpr OperatorRule rule(std::string_view op, const NodeFormat& format,
                            OperatorMemory (*memory)(const NodeView&), std::string_view limits) {
  return {.op = op,
          .format = &format,
          .shape = shape,
          .reach = reach,
          .scale = scale,
          .cost = cost,
          .memory = memory,
          .crop = kPart,
          .limits = limits,
          .refusals = {.unsupported = BlockerReason::pool_padding},
          .size_doubt = size_doubt,
          .fit = fit};
}

constexpr OperatorRule with_length_doubt(OperatorRule rule) {
  rule.length_doubt = length_doubt;
  return rule;
}

constexpr std::array kRules = {
    operators::with_integers(
        with_length_doubt(
            rule("XNNMaxPooling2d", kMaxFormat, max_pool_memory,
                 "dilation, padding and ceil_mode; a window that may stand for the exported size "
                 "is refused")),
        Integers::moved),
    rule("XNNAvgPooling2d", kAverageFormat, average_pool_memory,
         "padding left out of the count; ceil_mode's padding is refused; so is a window that may "
         "stand for the exported size"),
    operators::row_major_rule(kernel::rule(kernel::kRowMajor), kernel::lower),
    operators::kernel_rule(kernel::rule(kernel::kKernel), kernel::kFormat)};
}  // namespace

std::span<const OperatorRule> pooling_rules() { return kRules; }

}  // namespace sectile::internal
