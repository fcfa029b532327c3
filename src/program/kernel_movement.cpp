#include "src/program/kernel_movement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/passes/data_movement.h"

namespace sectile::internal {

namespace {

using Integers = std::vector<std::int64_t>;

// ---- nearest resizing

// Rows of `from` that become `to`. The kernel rounds row * step down, in float: by some factors to
// another row, far from the origin.
Result<SampledAxis> nearest_axis(std::int64_t from, std::int64_t to, std::optional<double> factor) {
  constexpr std::int64_t kRows = 1 << 20;
  constexpr std::int64_t kMostRows = 1 << 10;  // of a block
  if (from < 1 || to < 1) return fail(ErrorCode::corrupt, "it resizes no rows or columns");
  const std::int64_t divisor = std::gcd(from, to);
  if (to / divisor > kMostRows) {
    return unsupported(fmt::format("it resizes by {}/{}", to / divisor, from / divisor));
  }
  SampledAxis axis{from / divisor, Integers(static_cast<std::size_t>(to / divisor))};
  const std::int64_t count = std::ssize(axis.rows);
  for (std::int64_t i = 0; i < count; ++i) {
    axis.rows[static_cast<std::size_t>(i)] = i * axis.input_block / count;
  }
  const double ratio = static_cast<double>(to) / static_cast<double>(from);
  if (factor && std::abs(*factor - ratio) > 1e-9 * ratio) {
    return unsupported(
        fmt::format("it resizes {} rows or columns to {} by the factor {}", from, to, *factor));
  }
  const float step =
      factor ? static_cast<float>(1 / *factor) : static_cast<float>(from) / static_cast<float>(to);
  // Of halves, quarters and the like every position is exact.
  const bool is_exact = std::has_single_bit(static_cast<std::uint64_t>(count)) &&
                        step * static_cast<float>(count) == static_cast<float>(axis.input_block);
  for (std::int64_t row = 0; row < (is_exact ? 0 : kRows); ++row) {
    const auto kernels_row = static_cast<std::int64_t>(std::floor(static_cast<float>(row) * step));
    if (kernels_row == axis.row_of(row)) continue;
    return fail(ErrorCode::not_exact,
                fmt::format("it resizes by {}/{}, which is rounded differently far from the origin",
                            count, axis.input_block));
  }
  return axis;
}

Status read_nearest(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (in->sizes.size() != 4 || out->sizes.size() != 4) return unsupported("it resizes no image");
  const auto factors = builder.values().doubles(arguments.Get(2));
  if (factors && factors->size() != 2) return fail(ErrorCode::corrupt, "it has no two factors");
  const auto factor = [&](std::size_t i) {
    return factors ? std::optional((*factors)[i]) : std::nullopt;
  };
  auto y = nearest_axis(in->sizes[2], out->sizes[2], factor(0));
  auto x = nearest_axis(in->sizes[3], out->sizes[3], factor(1));
  if (!y || !x) return fail(y ? x.error() : y.error());
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  Sampling sampling{std::move(*y), std::move(*x), factors.has_value()};
  return builder.define(last(arguments), node_of("Sampling", {*image}, std::move(sampling)));
}

// ---- movement

// Of numbers that are known; the image's are converted by XNNPACK alone.
Status read_conversion(MethodGraphBuilder& builder, const ValueIndices& arguments,
                       const ProgramTensor& in, const ProgramTensor& out) {
  if (const Sequence* rows = builder.sequence(first(arguments)); rows != nullptr) {
    auto converted = out.dtype == "i64" ? to_integers(*rows) : to_floats(*rows);
    if (converted && (out.dtype == "i64" || out.dtype == "f32")) {
      builder.define_sequence(last(arguments), std::move(*converted));
      if (!builder.has_integers(first(arguments))) return {};
    }
  }
  if (in.dtype == "f32" && is_image_type(out) && !builder.image(first(arguments))) {
    const auto numbers = builder.numbers(first(arguments));
    if (!numbers) return fail(numbers.error());
    builder.define_numbers(last(arguments), type_of(out), *numbers);
    return {};
  }
  const auto integers = builder.integers(first(arguments));
  if (!integers) return fail(integers.error());
  if (out.dtype == "i64") {
    builder.define_integers(last(arguments), *integers);
  } else if (is_image_type(out)) {
    builder.define_numbers(last(arguments), type_of(out), {integers->begin(), integers->end()});
  } else {
    return unsupported(fmt::format("it makes {} values of {} ones", out.dtype, in.dtype));
  }
  return {};
}

// What a comparison says, as 1 and 0.
Status read_truth(MethodGraphBuilder& builder, const ValueIndices& arguments,
                  const ProgramTensor& out) {
  const auto image = builder.image_in_order(first(arguments), out.dim_order);
  if (!image) return fail(image.error());
  const ValueId one = add_numbers(builder.graph(), {1}, std::array{1.0F});
  const ValueId zero = add_numbers(builder.graph(), {1}, std::array{0.0F});
  KernelCall choice{
      {KernelCall::Input{0}, KernelCall::Input{1}, KernelCall::Input{2}, KernelCall::Output{}}};
  return builder.define(last(arguments),
                        node_of("aten::where.self_out", {*image, one, zero}, std::move(choice)));
}

Status read_copy(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (in->dtype == "bool" && out->dtype == "f32" && builder.is_image(first(arguments))) {
    return read_truth(builder, arguments, *out);
  }
  const bool is_sequence = builder.sequence(first(arguments)) != nullptr;
  if (is_image_type(*in) && in->dtype == out->dtype && !is_sequence) {
    const auto image = builder.image_in_order(first(arguments), out->dim_order);
    if (!image) return fail(image.error());
    return builder.define_as(last(arguments), *image);
  }
  return read_conversion(builder, arguments, *in, *out);
}

Status read_cat(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto out = tensor_at(builder, last(arguments));
  const auto list = builder.values().tensors(first(arguments));
  const auto dim = number_at(builder, arguments.Get(1));
  if (!out || !dim) return fail(out ? dim.error() : out.error());
  if (!list || list->empty()) return fail(ErrorCode::corrupt, "it joins nothing");
  const auto place = place_of(*out, *dim);
  if (!place) return fail(place.error());
  std::vector<ValueId> images;
  for (const ValueIndex index : *list) {
    const auto image = builder.image_in_order(index, out->dim_order);
    if (!image) return fail(image.error());
    images.push_back(*image);
  }
  return builder.define_as(last(arguments), join(builder.graph(), std::move(images), *place));
}

// `first_row` and what the output's own size says.
Status define_slice(MethodGraphBuilder& builder, ValueIndex in, ValueIndex out, std::int64_t dim,
                    std::int64_t first_row) {
  const auto tensor = tensor_at(builder, out);
  if (!tensor) return fail(tensor.error());
  const auto place = place_of(*tensor, dim);
  if (!place) return fail(place.error());
  const auto image = builder.image_in_order(in, tensor->dim_order);
  if (!image) return fail(image.error());
  Slice slice{Integers(tensor->sizes.size(), 0)};
  slice.offsets[*place] = first_row;
  return builder.define(out, node_of("XNNStaticSlice", {*image}, std::move(slice)));
}

// Every `step`-th row, column or channel: the same one of each group of so many.
Status define_every(MethodGraphBuilder& builder, const ValueIndices& arguments, std::size_t place,
                    std::int64_t begin, std::int64_t step) {
  const auto out = tensor_at(builder, last(arguments));
  if (!out) return fail(out.error());
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  Integers apart = builder.graph().shape(*image).dims;
  const std::int64_t length = apart[place];
  const bool whole_groups =
      begin < step && length % step == 0 && physical_dims(*out)[place] == length / step;
  if (!whole_groups) {
    return unsupported(fmt::format(
        "it takes every {}th from {} on of {}, which are no whole groups", step, begin, length));
  }
  apart[place] = length / step;
  apart.insert(apart.begin() + static_cast<std::ptrdiff_t>(place) + 1, step);
  auto& graph = builder.graph();
  const ValueId groups = reshape(graph, *image, std::move(apart));
  const ValueId picked = slice(graph, groups, place + 1, begin, 1);
  return builder.define(last(arguments), node_of("XNNStaticReshape", {picked}, {}));
}

Status read_slice(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto dim = number_at(builder, arguments.Get(1));
  const auto step = number_at(builder, arguments.Get(4));
  if (!in) return fail(in.error());
  if (!dim || !step) return fail(dim ? step.error() : dim.error());
  if (*step < 1) return fail(ErrorCode::corrupt, "its step is no positive number");
  const auto place = place_of(*in, *dim);
  if (!place) return fail(place.error());
  const std::int64_t length = physical_dims(*in)[*place];
  std::int64_t begin = builder.values().integer(arguments.Get(2)).value_or(0);
  if (begin < 0) begin = std::max<std::int64_t>(0, begin + length);
  if (*step > 1) return define_every(builder, arguments, *place, begin, *step);
  return define_slice(builder, first(arguments), last(arguments), *dim, begin);
}

Status read_split(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto dim = number_at(builder, arguments.Get(2));
  const auto list = builder.values().tensors(last(arguments));
  if (!dim) return fail(dim.error());
  if (!list) return fail(ErrorCode::corrupt, "it gives no list of tensors");
  std::int64_t begin = 0;
  for (const ValueIndex out : *list) {
    const auto tensor = tensor_at(builder, out);
    if (!tensor) return fail(tensor.error());
    const auto place = place_of(*tensor, *dim);
    if (!place) return fail(place.error());
    auto status = define_slice(builder, first(arguments), out, *dim, begin);
    if (!status) return status;
    begin += physical_dims(*tensor)[*place];
  }
  return {};
}

// The node works on dims in their plain order.
Status define_plain(MethodGraphBuilder& builder, ValueIndex from, ValueIndex to, std::string op,
                    Attributes attributes) {
  const auto in = tensor_at(builder, from);
  const auto out = tensor_at(builder, to);
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (out->dim_order != plain_order(out->sizes.size())) {
    return unsupported("it makes values in another order than their dims'");
  }
  const auto image = builder.image_in_order(from, plain_order(in->sizes.size()));
  if (!image) return fail(image.error());
  return builder.define(to, node_of(std::move(op), {*image}, std::move(attributes)));
}

Status read_permute(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  auto perm = builder.values().integers(arguments.Get(1));
  if (!perm) return unsupported("its permutation is not known beforehand");
  for (std::int64_t& dim : *perm) dim += dim < 0 ? std::ssize(*perm) : 0;
  return define_plain(builder, first(arguments), last(arguments), "XNNStaticTranspose",
                      Transpose{std::move(*perm)});
}

Status read_transpose(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto a = number_at(builder, arguments.Get(1));
  const auto b = number_at(builder, arguments.Get(2));
  if (!in) return fail(in.error());
  if (!a || !b) return fail(a ? b.error() : a.error());
  const std::int64_t dims = std::ssize(in->sizes);
  Integers perm(in->sizes.size());
  for (std::int64_t i = 0; i < dims; ++i) perm[static_cast<std::size_t>(i)] = i;
  const std::int64_t from = *a < 0 ? *a + dims : *a;
  const std::int64_t to = *b < 0 ? *b + dims : *b;
  if (std::min(from, to) < 0 || std::max(from, to) >= dims) {
    return fail(ErrorCode::corrupt, "it names a dim that is none");
  }
  std::swap(perm[static_cast<std::size_t>(from)], perm[static_cast<std::size_t>(to)]);
  return define_plain(builder, first(arguments), last(arguments), "XNNStaticTranspose",
                      Transpose{std::move(perm)});
}

Status read_view(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_view(builder, first(arguments), last(arguments));
}

// Amounts before and after, the last dim first.
Status read_constant_pad(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto out = tensor_at(builder, last(arguments));
  const auto amounts = builder.values().integers(arguments.Get(1));
  const auto value = builder.values().scalar(arguments.Get(2));
  if (!out) return fail(out.error());
  if (!amounts || amounts->size() > 2 * out->sizes.size() || !value) {
    return unsupported("its amounts are not known beforehand");
  }
  Pad pad{Integers(out->sizes.size(), 0), Integers(out->sizes.size(), 0),
          static_cast<float>(*value), PadMode::constant};
  for (std::size_t i = 0; i + 1 < amounts->size(); i += 2) {
    const auto place = place_of(*out, -1 - static_cast<std::int64_t>(i / 2));
    if (!place) return fail(place.error());
    if ((*amounts)[i] < 0 || (*amounts)[i + 1] < 0) {
      return unsupported(
          "it pads by less than 0, which ExecuTorch itself does not run: cut with a slice");
    }
    pad.before[*place] = (*amounts)[i];
    pad.after[*place] = (*amounts)[i + 1];
  }
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  return builder.define(last(arguments), node_of("XNNStaticConstantPad", {*image}, std::move(pad)));
}

constexpr std::array kKernels = {
    Kernel{"aten::upsample_nearest2d.vec_out", 5, read_nearest},
    Kernel{"dim_order_ops::_to_dim_order_copy.out", 4, read_copy},
    Kernel{"dim_order_ops::_clone_dim_order.out", 4, read_copy},
    Kernel{"aten::_to_copy.out", 4, read_copy},
    Kernel{"aten::clone.out", 3, read_copy},
    Kernel{"aten::alias_copy.out", 3, read_copy},
    Kernel{"aten::detach_copy.out", 3, read_copy},
    Kernel{"aten::cat.out", 4, read_cat},
    Kernel{"aten::slice_copy.Tensor_out", 7, read_slice},
    Kernel{"aten::split_with_sizes_copy.out", 5, read_split},
    Kernel{"aten::split_copy.Tensor_out", 5, read_split},
    Kernel{"aten::permute_copy.out", 4, read_permute},
    Kernel{"aten::transpose_copy.int_out", 5, read_transpose},
    Kernel{"aten::view_copy.out", 4, read_view},
    Kernel{"aten::unsqueeze_copy.out", 4, read_view},
    Kernel{"aten::squeeze_copy.dim_out", 4, read_view},
    Kernel{"aten::squeeze_copy.dims_out", 4, read_view},
    Kernel{"executorch_prim::et_view.default", 3, read_view},
    Kernel{"aten::constant_pad_nd.out", 5, read_constant_pad},
};

}  // namespace

std::span<const Kernel> movement_kernels() { return kKernels; }

Status define_view(MethodGraphBuilder& builder, ValueIndex in, ValueIndex out) {
  const bool is_known = builder.define_same_numbers(out, in);
  if (const Sequence* rows = builder.sequence(in); rows != nullptr) {
    const auto tensor = tensor_at(builder, out);
    if (!tensor) return fail(tensor.error());
    auto viewed = reshaped(*rows, tensor->sizes);
    if (viewed) builder.define_sequence(out, std::move(*viewed));
    if (viewed || is_known) return {};
    return unsupported("it puts numbers that come from positions in another order");
  }
  return is_known ? Status{} : define_plain(builder, in, out, "XNNStaticReshape", {});
}

}  // namespace sectile::internal
