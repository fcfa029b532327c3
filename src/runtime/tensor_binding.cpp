#include "src/runtime/tensor_binding.h"

#include <executorch/runtime/core/exec_aten/util/scalar_type_util.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;
using executorch::aten::DimOrderType;
using executorch::aten::ScalarType;
using executorch::aten::SizesType;

constexpr std::array<DimOrderType, 4> kPlanarOrder{0, 1, 2, 3};
constexpr std::array<DimOrderType, 4> kInterleavedOrder{0, 2, 3, 1};

template <typename AxisTile, typename Array>
bool same(const AxisTile& span, const Array& array) {
  return std::equal(span.begin(), span.end(), array.begin(), array.end());
}

// Numbers and not characters, for formatting.
template <typename Values>
std::vector<int> numbers(const Values& values) {
  return {values.begin(), values.end()};
}

std::string type_name(ScalarType type) {
  return et::isValid(type) ? et::toString(type) : fmt::format("of type {}", static_cast<int>(type));
}

std::string describe(const et::TensorInfo& info) {
  return fmt::format("{} {} in dim order {}", type_name(info.scalar_type()), numbers(info.sizes()),
                     numbers(info.dim_order()));
}

ScalarType scalar_type(DataType type) {
  switch (type) {
    case DataType::f16:
      return ScalarType::Half;
    case DataType::i8:
      return ScalarType::Char;
    case DataType::boolean:
      return ScalarType::Bool;
    default:
      return ScalarType::Float;
  }
}

bool fits(std::int64_t dim) { return dim >= 1 && dim <= std::numeric_limits<SizesType>::max(); }

}  // namespace

Result<TensorBinding> TensorBinding::match(const char* role, const TensorSpec& spec,
                                           const et::TensorInfo& info) {
  if (!fits(spec.channels) || !fits(spec.size.height) || !fits(spec.size.width)) {
    return fail(ErrorCode::unsupported,
                fmt::format("[load] the wanted {} of {} channels, {} is no image of at least 1x1",
                            role, spec.channels, to_string(spec.size)));
  }
  const auto channels = static_cast<SizesType>(spec.channels);
  const auto rows = static_cast<SizesType>(spec.size.height);
  const auto columns = static_cast<SizesType>(spec.size.width);
  const ScalarType type = scalar_type(spec.type);
  const auto fits_in = [&](const Dims& dims, const Order& order) {
    return info.scalar_type() == type && same(info.sizes(), dims) && same(info.dim_order(), order);
  };
  const Dims dims{1, channels, rows, columns};
  const Order& order = spec.layout == Layout::planar ? kPlanarOrder : kInterleavedOrder;
  // As kernels take interleaved values: the dims stand as they lie.
  const Dims as_they_lie{1, rows, columns, channels};
  if (spec.layout == Layout::interleaved && fits_in(as_they_lie, kPlanarOrder)) {
    return TensorBinding(spec, as_they_lie, kPlanarOrder, info.is_memory_planned());
  }
  if (!fits_in(dims, order)) {
    return fail(ErrorCode::unsupported,
                fmt::format("[load] the program's {} is {}, not {} {} in dim order {}", role,
                            describe(info), type_name(type), numbers(dims), numbers(order)));
  }
  return TensorBinding(spec, dims, order, info.is_memory_planned());
}

executorch::aten::TensorImpl TensorBinding::tensor_over(const std::byte* data) {
  // ExecuTorch has no tensor of constant values; an input is only read. Strides are left out: for
  // inputs they are never read, and in 32 bits they would overflow for large images.
  return executorch::aten::TensorImpl(scalar_type(spec_.type), static_cast<ssize_t>(dims_.size()),
                                      dims_.data(), const_cast<std::byte*>(data), order_.data());
}

bool TensorBinding::has_dims_of(const executorch::aten::Tensor& tensor) const {
  return same(tensor.sizes(), dims_);
}

}  // namespace sectile::internal
