// Convolutions that stay outside XNNPACK, because their weights are computed (the exporter
// delegates those of constant weights alone): of single pixels, as in generalised divisive
// normalisation.
#include <algorithm>
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"

namespace sectile::internal {
namespace {

// input, weights, bias, stride, padding, dilation, transposed, output padding, groups
constexpr KernelFormat kFormat{.arguments = "ttTlllbli"};
constexpr std::size_t kStride = 3;
constexpr std::size_t kPadding = 4;
constexpr std::size_t kTransposed = 6;
constexpr std::size_t kGroups = 8;

bool all_are(const NodeView& view, std::size_t index, std::int64_t number) {
  const auto* numbers = operators::kernel_argument<KernelCall::Integers>(view, index);
  return numbers != nullptr &&
         std::ranges::all_of(*numbers, [&](std::int64_t each) { return each == number; });
}

bool takes_single_pixels(const NodeView& view, const Shape& weights) {
  const bool* transposed = operators::kernel_argument<bool>(view, kTransposed);
  return weights.dims.size() == 4 && weights.dims[2] == 1 && weights.dims[3] == 1 &&
         all_are(view, kStride, 1) && all_are(view, kPadding, 0) && transposed != nullptr &&
         !*transposed;
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& image = inputs[0];
  const Shape& weights = inputs[1];
  if (weights.spatial()) {
    return fail(ErrorCode::not_exact, "its weights depend on the image");
  }
  if (image.dims.size() != 4 || image.y != 2 || image.x != 3 ||
      !takes_single_pixels(view, weights)) {
    return fail(ErrorCode::unsupported, "of kernels outside XNNPACK only those of one pixel run");
  }
  const auto* groups = operators::kernel_argument<std::int64_t>(view, kGroups);
  const bool fits = groups != nullptr && *groups > 0 && weights.dims[0] % *groups == 0 &&
                    weights.dims[1] <= image.dims[1] && weights.dims[1] * *groups == image.dims[1];
  const bool has_bias = inputs.size() > 2;
  if (!fits || (has_bias && inputs[2].dims != std::vector<std::int64_t>{weights.dims[0]})) {
    return fail(ErrorCode::corrupt, "its weights do not fit its input");
  }
  Shape out = image;
  out.dims[1] = weights.dims[0];
  return out;
}

// Measured beside the multiply-adds of wide convolutions (5.3 ns each, 32 and 96 channels,
// 384x384): the kernel takes one at a time.
double cost(const NodeView& view) {
  constexpr double kPerMultiplyAdd = 450;
  return kPerMultiplyAdd * static_cast<double>(view.output_shape().elements()) *
         static_cast<double>(view.input(1).shape.dims[1]);
}

constexpr std::array kRules = {
    OperatorRule{.op = "aten::convolution.out",
                 .kernel = &kFormat,
                 .shape = shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = cost,
                 .memory = operators::no_memory,
                 .crop = {operators::exact_part<operators::same_range>},
                 .limits = "of f32 and of single pixels, with weights that the program computes",
                 .refusals = {.not_exact = BlockerReason::attention,
                              .unsupported = BlockerReason::outside_xnnpack},
                 .types = operators::floats_alone,
                 .order_matters = true}};
}  // namespace

std::span<const OperatorRule> convolution_kernel_rules() { return kRules; }

}  // namespace sectile::internal
