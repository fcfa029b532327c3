// Pointwise functions of two values, with broadcasting from the last dim backwards. PReLU is one:
// its second input is the slope.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/types.h"

namespace sectile::internal {
namespace {
using operators::scale_of;

// A constant (or what is computed from constants alone) may vary over channels, never over the
// image's rows or columns.
Status check_constant(const Shape& image, const Shape& constant) {
  const auto rank = static_cast<std::ptrdiff_t>(image.dims.size());
  const auto offset = rank - static_cast<std::ptrdiff_t>(constant.dims.size());
  if (offset < 0) {
    return fail(ErrorCode::unsupported,
                fmt::format("its constant has more dims ({}) than the image", to_string(constant)));
  }
  for (const int dim : {image.y, image.x}) {
    const auto index = dim - offset;
    if (dim >= 0 && index >= 0 && constant.dims[static_cast<std::size_t>(index)] != 1) {
      return fail(ErrorCode::not_exact,
                  fmt::format("its constant of shape {} varies over the image's rows or columns",
                              to_string(constant)));
    }
  }
  return {};
}

Result<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                            const std::vector<std::int64_t>& b) {
  std::vector<std::int64_t> dims = a.size() >= b.size() ? a : b;
  const std::vector<std::int64_t>& shorter = a.size() >= b.size() ? b : a;
  const std::size_t offset = dims.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = dims[offset + i];
    if (dim != shorter[i] && dim != 1 && shorter[i] != 1) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("inputs of {} and {} do not fit each other", dim, shorter[i]));
    }
    dim = std::max(dim, shorter[i]);
  }
  return dims;
}

Status check_images(const Shape& a, const Shape& b) {
  if (a.dims.size() != b.dims.size() || a.y != b.y || a.x != b.x) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("its inputs of shapes {} and {} lie differently", to_string(a), to_string(b)));
  }
  for (const Axis axis : {Axis::y, Axis::x}) {
    if (a.length(axis) != b.length(axis)) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("its inputs have {} and {} rows or columns", a.length(axis), b.length(axis)));
    }
  }
  return {};
}

Result<Shape> shape(const NodeView&, std::span<const Shape> inputs) {
  const bool both_images = inputs[0].spatial() && inputs[1].spatial();
  const Shape& image = inputs[0].spatial() ? inputs[0] : inputs[1];
  const Shape& other = inputs[0].spatial() ? inputs[1] : inputs[0];
  const auto status = both_images ? check_images(image, other) : check_constant(image, other);
  if (!status) return fail(status.error());
  auto dims = broadcast(inputs[0].dims, inputs[1].dims);
  if (!dims) return fail(dims.error());
  return Shape{std::move(*dims), image.y, image.x};
}

// The bounds of XNNPACK's integer kernels.
constexpr double kBelow = 256;

Status add_scales(const NodeView& view) {
  constexpr double kLeast = 0x1p-10;
  for (const std::size_t input : {0U, 1U}) {
    const double factor = scale_of(view.input(input)) / scale_of(view.output());
    if (auto status = require_factor(factor, kLeast, kBelow); !status) return status;
  }
  return {};
}

Status product_scales(const NodeView& view) {
  constexpr double kLeast = 0x1p-16;
  const double product = scale_of(view.input(0)) * scale_of(view.input(1));
  return require_factor(product / scale_of(view.output()), kLeast, kBelow);
}

constexpr OperatorRule rule(std::string_view op) {
  return operators::pointwise_rule(
      op, kBinaryFormat, shape,
      "a constant may vary over channels; over rows or columns it is not exact",
      {.not_exact = BlockerReason::position_dependent});
}

constexpr std::array kRules = {
    operators::with_integers(rule("XNNAdd"), Integers::rescaled, add_scales),
    operators::with_integers(rule("XNNMultiply"), Integers::rescaled, product_scales),
    rule("XNNSubtract"),
    rule("XNNDiv"),
    rule("XNNMinimum"),
    rule("XNNMaximum"),
    rule("XNNPReLU")};
}  // namespace

std::span<const OperatorRule> binary_rules() { return kRules; }

}  // namespace sectile::internal
