// The shape of a pointwise function of several values.
#include <fmt/format.h>

#include <algorithm>

#include "src/graph/operators/common.h"

namespace sectile::internal::operators {

namespace {

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

// Of two images that the node takes: as exported, and at some size.
struct Pair {
  const Shape& exported_a;
  const Shape& exported_b;
  const Shape& a;
  const Shape& b;
};

Status check_images(const Pair& images) {
  const auto& [exported_a, exported_b, a, b] = images;
  if (a.dims.size() != b.dims.size() || a.y != b.y || a.x != b.x) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("its inputs of shapes {} and {} lie differently", to_string(a), to_string(b)));
  }
  for (const Axis axis : {Axis::y, Axis::x}) {
    const auto dim = static_cast<std::size_t>(a.dim_of(axis));
    if (a.dim_of(axis) >= 0 && exported_a.dims[dim] != exported_b.dims[dim]) {
      return fail(ErrorCode::unsupported,
                  fmt::format("its inputs have {} and {} {} as exported: one of them does not grow "
                              "with the image, or in another way",
                              exported_a.dims[dim], exported_b.dims[dim], rows_or_columns(axis)));
    }
    if (a.length(axis) != b.length(axis)) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("its inputs have {} and {} rows or columns", a.length(axis), b.length(axis)));
    }
  }
  return {};
}

}  // namespace

Result<Shape> pointwise_shape(const NodeView& view, std::span<const Shape> inputs) {
  auto image = std::ranges::find_if(inputs, &Shape::spatial);
  if (image == inputs.end()) image = inputs.begin();  // all are constants
  const auto first = static_cast<std::size_t>(image - inputs.begin());
  Shape out = *image;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i == first) continue;
    const auto status =
        inputs[i].spatial()
            ? check_images({view.input(first).shape, view.input(i).shape, *image, inputs[i]})
            : check_constant(*image, inputs[i]);
    if (!status) return fail(status.error());
    auto dims = broadcast(out.dims, inputs[i].dims);
    if (!dims) return fail(dims.error());
    out.dims = std::move(*dims);
  }
  return out;
}

}  // namespace sectile::internal::operators
