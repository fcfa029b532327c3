// Products of matrices that the network computes: attention. The matrices are the last two dims;
// the others are a batch. Attention in windows has the image's rows and columns in the batch, and
// each product lies in a window; attention over the image has them in the matrices.
#include <fmt/format.h>

#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

constexpr int kMatrixDims = 2;

bool is_in_batch(const Shape& shape) {
  const int batch = static_cast<int>(shape.dims.size()) - kMatrixDims;
  return shape.y >= 0 && shape.x >= 0 && shape.y < batch && shape.x < batch;
}

Status check_dims(const Shape& a, const Shape& b) {
  const auto rank = static_cast<std::ptrdiff_t>(a.dims.size());
  const std::size_t columns = a.dims.size() - 1;
  const bool fits = b.dims.size() == a.dims.size() && a.dims[columns] == b.dims[columns - 1] &&
                    std::equal(a.dims.begin(), a.dims.begin() + rank - kMatrixDims, b.dims.begin());
  if (fits) return {};
  return fail(ErrorCode::unsupported, fmt::format("it multiplies matrices of shapes {} and {}",
                                                  to_string(a), to_string(b)));
}

Result<Shape> shape(const NodeView&, std::span<const Shape> inputs) {
  const auto& [a, b] = std::pair(inputs[0], inputs[1]);
  if (a.spatial() != b.spatial()) {
    return fail(ErrorCode::unsupported, "it multiplies by a matrix of the network's own");
  }
  if (!is_in_batch(a) || !is_in_batch(b) || a.y != b.y || a.x != b.x) {
    return fail(ErrorCode::not_exact,
                "it multiplies values of different pixels, as attention over the whole image does");
  }
  if (auto status = check_dims(a, b); !status) return fail(status.error());
  Shape out = a;
  out.dims.back() = b.dims.back();
  return out;
}

double cost(const NodeView& view) {
  return static_cast<double>(view.output_shape().elements()) *
         static_cast<double>(view.input(0).shape.dims.back());
}

// XNNPACK packs the second matrices of the whole batch as weights, in each run.
OperatorMemory memory(const NodeView& view) {
  constexpr std::int64_t kBlockColumns = 2 * operators::kBlockChannels;
  const Shape& b = view.input(1).shape;
  const std::int64_t columns = b.dims.back();
  const std::int64_t rows = b.dims[b.dims.size() - kMatrixDims];
  const std::int64_t matrices = b.elements() / (rows * columns);
  return {.workspace_bytes = matrices * round_up(columns, kBlockColumns) * (rows + 1) *
                             size_bytes(view.input(1).type)};
}

constexpr std::array kRules = {
    OperatorRule{.op = kMatrixProduct,
                 .format = &kBinaryFormat,
                 .shape = shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = cost,
                 .memory = memory,
                 .crop = {operators::exact_part<operators::same_range>},
                 .limits = "inside windows of a fixed size; over the whole image it is not exact",
                 .refusals = {.not_exact = BlockerReason::attention,
                              .unsupported = BlockerReason::fully_connected},
                 .order_matters = true}};
}  // namespace

std::span<const OperatorRule> matrix_product_rules() { return kRules; }

}  // namespace sectile::internal
