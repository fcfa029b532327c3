// Convolutions that stay outside XNNPACK, because their weights are computed (the exporter
// delegates those of constant weights alone): generalised divisive normalisation, weight norm.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/kernel_windows.h"

namespace sectile::internal {
namespace {

// input, weights, bias, stride, padding, dilation, transposed, output padding, groups
constexpr std::size_t kStride = 3;
constexpr std::size_t kPadding = 4;
constexpr std::size_t kDilation = 5;
constexpr std::size_t kTransposed = 6;
constexpr std::size_t kGroups = 8;
constexpr std::string_view kKernel = "aten::convolution.out";
constexpr std::string_view kRowMajor = "aten::convolution";
constexpr KernelFormat kFormat{
    .arguments = "ttTlllbli", .row_major = kRowMajor, .padding_argument = kPadding};

// REQUIRES: takes_windows.
Windows windows_of(const NodeView& view) {
  const std::vector<std::int64_t>& weights = view.input(1).shape.dims;
  return operators::kernel_windows(view, {weights[2], weights[3]}, kStride, kDilation);
}

bool takes_windows(const NodeView& view, const Shape& weights) {
  const bool* transposed = operators::kernel_argument<bool>(view, kTransposed);
  return weights.dims.size() == 4 && operators::is_pair(view, kStride) &&
         operators::is_pair(view, kDilation) && operators::is_pair(view, kPadding) &&
         transposed != nullptr && !*transposed;
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& image = inputs[0];
  const Shape& weights = inputs[1];
  if (weights.spatial()) {
    return fail(ErrorCode::not_exact, "its weights depend on the image");
  }
  if (!is_row_major_image(image) || !takes_windows(view, weights)) {
    return fail(ErrorCode::unsupported, "it is transposed, or over no image of rows and columns");
  }
  const auto* groups = operators::kernel_argument<std::int64_t>(view, kGroups);
  const bool fits = groups != nullptr && *groups > 0 && weights.dims[0] % *groups == 0 &&
                    weights.dims[1] <= image.dims[3] && weights.dims[1] * *groups == image.dims[3];
  const bool has_bias = inputs.size() > 2;
  if (!fits || (has_bias && inputs[2].dims != std::vector<std::int64_t>{weights.dims[0]})) {
    return fail(ErrorCode::corrupt, "its weights do not fit its input");
  }
  return operators::kernel_windows_shape(windows_of(view), image, weights.dims[0]);
}

using OwnWindows = operators::KernelWindows<windows_of>;

double cost(const NodeView& view) { return OwnWindows::cost(view, view.input(1).shape.dims[1]); }

void lower(const NodeView& view, Graph& graph) { operators::lower_to_kernel(view, graph, kKernel); }

constexpr OperatorRule rule(std::string_view op) {
  OperatorRule rule = OwnWindows::rule(op);
  rule.shape = shape;
  rule.cost = cost;
  rule.limits = "of f32 and not transposed, with weights that the program computes";
  rule.refusals = {.not_exact = BlockerReason::attention,
                   .unsupported = BlockerReason::outside_xnnpack};
  return rule;
}

constexpr std::array kRules = {operators::row_major_rule(rule(kRowMajor), lower),
                               operators::kernel_rule(rule(kKernel), kFormat)};
}  // namespace

std::span<const OperatorRule> convolution_kernel_rules() { return kRules; }

}  // namespace sectile::internal
