#include "src/program/kernel_numbers.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kMostNumbers = 1 << 20;  // of one kernel

Status read_arange(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto begin = number_at(builder, arguments.Get(0));
  const auto end = number_at(builder, arguments.Get(1));
  const auto step = number_at(builder, arguments.Get(2));
  if (!begin || !end || !step) return unsupported("its range is not known beforehand");
  if (*step < 1 || *end - *begin > kMostNumbers) return unsupported("its range is too large");
  Integers numbers;
  for (std::int64_t i = *begin; i < *end; i += *step) numbers.push_back(i);
  const auto out = tensor_at(builder, last(arguments));
  const auto count = static_cast<std::int64_t>(numbers.size());
  if (out && *begin == 0 && *step == 1 && count > 1 && out->sizes == Integers{count}) {
    auto rows = positions(count);
    if (out->dtype == "f32") rows = *to_floats(rows);
    builder.define_sequence(last(arguments), std::move(rows));
  }
  builder.define_integers(last(arguments), std::move(numbers));
  return {};
}

Status read_absolute(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  auto numbers = builder.integers(first(arguments));
  if (!numbers) return fail(numbers.error());
  for (std::int64_t& number : *numbers) number = std::abs(number);
  builder.define_integers(last(arguments), std::move(*numbers));
  return {};
}

// A sequence and a number.
void add_to_sequence(MethodGraphBuilder& builder, const ValueIndices& arguments,
                     std::int64_t number) {
  const Sequence* a = builder.sequence(first(arguments));
  if (a == nullptr || a->is_float() || a->last) return;
  Sequence sum = *a;
  for (std::int64_t& row : sum.integers) row += number;
  builder.define_sequence(last(arguments), std::move(sum));
}

// a + factor * b; one of them may be a single number.
Status define_sum(MethodGraphBuilder& builder, const ValueIndices& arguments, std::int64_t factor) {
  const auto b = builder.integers(arguments.Get(1));
  const auto alpha = number_at(builder, arguments.Get(2));
  if (b && alpha && b->size() == 1) {
    add_to_sequence(builder, arguments, factor * *alpha * b->front());
    if (!builder.has_integers(first(arguments)) && builder.sequence(last(arguments))) return {};
  }
  const auto a = builder.integers(arguments.Get(0));
  if (!a || !b || !alpha) return unsupported("it works on values that are not known beforehand");
  const std::size_t count = std::max(a->size(), b->size());
  if ((a->size() != count && a->size() != 1) || (b->size() != count && b->size() != 1)) {
    return unsupported("it adds lists of numbers that are not as long as each other");
  }
  Integers sum;
  for (std::size_t i = 0; i < count; ++i) {
    sum.push_back((*a)[a->size() == 1 ? 0 : i] + factor * *alpha * (*b)[b->size() == 1 ? 0 : i]);
  }
  builder.define_integers(last(arguments), std::move(sum));
  return {};
}
Status read_sum(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_sum(builder, arguments, 1);
}
Status read_difference(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_sum(builder, arguments, -1);
}

Status read_clamp(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto least = builder.values().integer(arguments.Get(1));
  const auto most = builder.values().integer(arguments.Get(2));
  const Sequence* rows = builder.sequence(first(arguments));
  if (rows != nullptr && !rows->is_float() && !rows->last && least == 0 && most) {
    Sequence bounded = *rows;
    bounded.last = most;
    builder.define_sequence(last(arguments), std::move(bounded));
    if (!builder.has_integers(first(arguments))) return {};
  }
  auto numbers = builder.integers(first(arguments));
  if (!numbers) return fail(numbers.error());
  for (std::int64_t& number : *numbers) {
    if (least) number = std::max(number, *least);
    if (most) number = std::min(number, *most);
  }
  builder.define_integers(last(arguments), std::move(*numbers));
  return {};
}

Status read_remainder(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  auto numbers = builder.integers(first(arguments));
  const auto divisor = number_at(builder, arguments.Get(1));
  if (!numbers) return fail(numbers.error());
  if (!divisor) return fail(divisor.error());
  if (*divisor == 0) return fail(ErrorCode::corrupt, "it divides by 0");
  for (std::int64_t& number : *numbers) number %= *divisor;
  builder.define_integers(last(arguments), std::move(*numbers));
  return {};
}

// ---- floats

Status define_number(MethodGraphBuilder& builder, const ValueIndices& arguments,
                     ValueIndex number) {
  const auto out = tensor_at(builder, last(arguments));
  const auto value = builder.values().scalar(number);
  if (!out) return fail(out.error());
  if (!value) return unsupported("its value is not known beforehand");
  if (!product_within(out->sizes, kMostNumbers) || !is_image_type(*out)) {
    return unsupported("it makes numbers that are no floats, or too many");
  }
  const auto count = static_cast<std::size_t>(Shape{out->sizes}.elements());
  builder.define_numbers(last(arguments), type_of(*out),
                         std::vector<float>(count, static_cast<float>(*value)));
  return {};
}
Status read_full(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_number(builder, arguments, arguments.Get(1));
}
Status read_scalar(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_number(builder, arguments, first(arguments));
}

// ---- comparisons of integers with one number

template <auto compare>
Status read_comparison(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto numbers = builder.integers(first(arguments));
  const auto other = number_at(builder, arguments.Get(1));
  const auto out = tensor_at(builder, last(arguments));
  if (!numbers) return fail(numbers.error());
  if (!other || !out) return fail(other ? out.error() : other.error());
  if (type_of(*out) != DataType::boolean || Shape{out->sizes}.elements() != std::ssize(*numbers)) {
    return fail(ErrorCode::corrupt, "it compares more or fewer numbers than it makes");
  }
  std::vector<float> flags;
  for (const std::int64_t number : *numbers) flags.push_back(compare(number, *other) ? 1 : 0);
  builder.define_numbers(last(arguments), DataType::boolean, flags);
  return {};
}

constexpr std::array kKernels = {
    Kernel{"aten::arange.start_out", 5, read_arange},
    Kernel{"aten::abs.out", 3, read_absolute},
    Kernel{"aten::add.out", 5, read_sum},
    Kernel{"aten::sub.out", 5, read_difference},
    Kernel{"aten::clamp.out", 5, read_clamp},
    Kernel{"aten::fmod.Scalar_out", 4, read_remainder},
    Kernel{"aten::full.out", 4, read_full},
    Kernel{"aten::scalar_tensor.out", 3, read_scalar},
    Kernel{"aten::eq.Scalar_out", 4, read_comparison<std::equal_to<>{}>},
    Kernel{"aten::ne.Scalar_out", 4, read_comparison<std::not_equal_to<>{}>},
    Kernel{"aten::lt.Scalar_out", 4, read_comparison<std::less<>{}>},
    Kernel{"aten::le.Scalar_out", 4, read_comparison<std::less_equal<>{}>},
    Kernel{"aten::gt.Scalar_out", 4, read_comparison<std::greater<>{}>},
    Kernel{"aten::ge.Scalar_out", 4, read_comparison<std::greater_equal<>{}>},
};

}  // namespace

std::span<const Kernel> number_kernels() { return kKernels; }

}  // namespace sectile::internal
