// Kernels of ExecuTorch's own along channels: softmax, running sums, reductions, layer norm. Each
// pixel is computed from its own values, in the order in which they lie; along rows or columns they
// mix the whole image.
#include <algorithm>
#include <array>
#include <utility>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile::internal {
namespace {

using Integers = KernelCall::Integers;
using Argument = KernelCall::Argument;

// The dims along which a kernel works, one or a list; none when the list is left out.
Integers dims_of(const NodeView& view, std::size_t index) {
  if (const auto* list = operators::kernel_argument<Integers>(view, index)) return *list;
  if (const auto* dim = operators::kernel_argument<std::int64_t>(view, index)) return {*dim};
  return {};
}

Status require_channels(const Integers& dims, const Shape& in, const char* why) {
  const auto mixes = [&](std::int64_t dim) { return dim == in.y || dim == in.x; };
  if (!in.spatial() || (!dims.empty() && std::ranges::none_of(dims, mixes))) return {};
  return fail(ErrorCode::not_exact, why);
}

// ---- as many values as before

constexpr std::size_t kDims = 1;  // the argument after the input
constexpr KernelFormat along_dims(std::string_view arguments) {
  return {.arguments = arguments, .dims_argument = kDims};
}
constexpr KernelFormat kSoftmax = along_dims("tib");
constexpr KernelFormat kRunning = along_dims("ti-");
constexpr KernelFormat kReduction = along_dims("tLb-");
constexpr KernelFormat kProduct = along_dims("tib-");
constexpr KernelFormat kExtreme = along_dims("tlb");
constexpr KernelFormat kAny = along_dims("tib");
constexpr KernelFormat kAnyOfDims = along_dims("tLb");
constexpr KernelFormat kVariance = along_dims("tLbb");
constexpr KernelFormat kCorrected = along_dims("tLNb");

Result<Shape> softmax_shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto status = require_channels(dims_of(view, kDims), inputs[0],
                                       "it normalises over the image's rows or columns");
  if (!status) return fail(status.error());
  return inputs[0];
}

Result<Shape> running_shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto status = require_channels(dims_of(view, kDims), inputs[0],
                                       "it adds up along the image's rows or columns");
  if (!status) return fail(status.error());
  return inputs[0];
}

// ---- reductions

// Whether it takes all rows and columns of one image together, of each channel by itself, and is
// one of those that a pass of their own adds up.
bool is_statistic(const NodeView& view, const Shape& in, const Integers& dims) {
  if (find_rule(view.node.op)->statistic == Statistic::none) return false;
  const auto is_reduced = [&](int dim) { return std::ranges::find(dims, dim) != dims.end(); };
  const auto is_other = [&](std::int64_t dim) { return dim != in.y && dim != in.x; };
  const bool is_image = is_planar_image(in) || is_row_major_image(in);
  return is_image && is_reduced(in.y) && is_reduced(in.x) && std::ranges::none_of(dims, is_other);
}

// "keepdim" stands in the argument of that index.
template <std::size_t keep_argument>
Result<Shape> reduced_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& in = inputs[0];
  const Integers dims = dims_of(view, kDims);
  if (!is_statistic(view, in, dims)) {
    auto status =
        require_channels(dims, in, "it makes one value of all the image's rows or columns");
    if (!status) return fail(status.error());
  }
  const bool* keeps = operators::kernel_argument<bool>(view, keep_argument);
  Shape out;
  for (int dim = 0; dim < static_cast<int>(in.dims.size()); ++dim) {
    const bool is_reduced = dims.empty() || std::ranges::find(dims, dim) != dims.end();
    if (is_reduced && (keeps == nullptr || !*keeps)) continue;
    if (dim == in.y && !is_reduced) out.y = static_cast<int>(out.dims.size());
    if (dim == in.x && !is_reduced) out.x = static_cast<int>(out.dims.size());
    out.dims.push_back(is_reduced ? 1 : in.dims[static_cast<std::size_t>(dim)]);
  }
  return out;
}

double input_cost(const NodeView& view) {
  constexpr double kPerValue = 60;
  return kPerValue * static_cast<double>(view.input(0).shape.elements());
}

// ---- layer norm: the input, the lengths of its last dims, weights, biases, epsilon

constexpr std::size_t kNormalized = 1;

std::size_t normalized_dims(const NodeView& view) { return dims_of(view, kNormalized).size(); }

Result<Shape> layer_norm_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& in = inputs[0];
  const Integers lengths = dims_of(view, kNormalized);
  const std::size_t count = lengths.size();
  if (count == 0 || count > in.dims.size()) {
    return fail(ErrorCode::corrupt, "it normalises over no dims, or over more than there are");
  }
  const auto first = static_cast<int>(in.dims.size() - count);
  if (in.y >= first || in.x >= first) {
    return fail(ErrorCode::not_exact, "it normalises over the image's rows or columns");
  }
  if (!std::ranges::equal(lengths, std::span(in.dims).last(count))) {
    return fail(ErrorCode::corrupt, "the lengths that it normalises over are not its input's");
  }
  for (const Shape& weights : inputs.subspan(1)) {
    if (weights.dims != lengths) return fail(ErrorCode::corrupt, "its weights do not fit");
  }
  return in;
}

// The mean and the inverse of the deviation, of each pixel.
std::vector<Shape> layer_norm_unread(const NodeView& view) {
  Shape shape = view.input(0).shape;
  const std::size_t count = std::min(normalized_dims(view), shape.dims.size());
  std::fill(shape.dims.end() - static_cast<std::ptrdiff_t>(count), shape.dims.end(), 1);
  return {shape, shape};
}

constexpr KernelFormat kLayerNormFormat{
    .arguments = "tlTTd", .outputs = 3, .unread = layer_norm_unread};

void reorder(Node& node, std::span<const std::int64_t> order) {
  const auto moved = [&](std::int64_t dim) {
    return std::ranges::find(order, dim) - order.begin();
  };
  Argument& dims = std::get<KernelCall>(node.attributes).arguments[kDims];
  if (auto* dim = std::get_if<std::int64_t>(&dims)) *dim = moved(*dim);
  if (auto* list = std::get_if<Integers>(&dims))
    std::ranges::transform(*list, list->begin(), moved);
}

constexpr OperatorRule rule(std::string_view name, const KernelFormat& format,
                            Result<Shape> (*shape)(const NodeView&, std::span<const Shape>),
                            BlockerReason reason) {
  return {.op = name,
          .kernel = &format,
          .shape = shape,
          .reach = operators::same_range,
          .scale = operators::unit_scale,
          .cost = input_cost,
          .memory = operators::no_memory,
          .crop = {operators::exact_part<operators::same_range>},
          .limits = "of f32, over channels; over rows or columns it is not exact",
          .refusals = {.not_exact = reason},
          .types = operators::floats_alone,
          .reorder = reorder};
}

// Values that lie side by side are added up in another order than those that do not: measured.
constexpr OperatorRule in_order(OperatorRule rule) {
  rule.reorder = nullptr;
  rule.order_matters = true;
  return rule;
}

// `keep_argument`: of keepdim.
template <std::size_t keep_argument>
constexpr OperatorRule reduction(std::string_view name, const KernelFormat& format) {
  return rule(name, format, reduced_shape<keep_argument>, BlockerReason::whole_image_pool);
}

// Over rows and columns, a pass of its own.
constexpr OperatorRule with_statistic(OperatorRule rule, Statistic statistic) {
  rule.statistic = statistic;
  rule.limits =
      "of f32, over channels, or over all rows and columns in a pass of its own; over rows or "
      "columns alone it is not exact";
  return rule;
}

// Of comparisons.
constexpr OperatorRule logical(OperatorRule rule) {
  rule.types = [](const NodeView& view) {
    return operators::require_types(view, DataType::boolean, DataType::boolean);
  };
  return rule;
}

constexpr OperatorRule layer_norm() {
  return in_order(rule("aten::native_layer_norm.out", kLayerNormFormat, layer_norm_shape,
                       BlockerReason::whole_image_norm));
}

constexpr std::array kRules = {
    rule("aten::_softmax.out", kSoftmax, softmax_shape, BlockerReason::whole_image_softmax),
    in_order(rule("aten::_log_softmax.out", kSoftmax, softmax_shape,
                  BlockerReason::whole_image_softmax)),
    rule("aten::cumsum.out", kRunning, running_shape, BlockerReason::whole_image_pool),
    with_statistic(reduction<2>("aten::mean.out", kReduction), Statistic::kernel_mean),
    with_statistic(in_order(reduction<2>("aten::sum.IntList_out", kReduction)),
                   Statistic::kernel_sum),
    in_order(reduction<2>("aten::prod.int_out", kProduct)),
    with_statistic(reduction<2>("aten::amax.out", kExtreme), Statistic::largest),
    with_statistic(reduction<2>("aten::amin.out", kExtreme), Statistic::least),
    logical(reduction<2>("aten::any.out", kAny)),
    logical(reduction<2>("aten::any.dims_out", kAnyOfDims)),
    reduction<3>("aten::var.out", kVariance),
    reduction<3>("aten::var.correction_out", kCorrected),
    layer_norm()};
}  // namespace

std::span<const OperatorRule> channel_kernels_rules() { return kRules; }

}  // namespace sectile::internal
