#include "src/program/kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "src/graph/passes/data_movement.h"
#include "src/program/program.h"
#include "src/program/read_program.h"

namespace sectile::internal {

namespace {

using Integers = std::vector<std::int64_t>;

std::unexpected<Error> unsupported(std::string reason) {
  return fail(ErrorCode::unsupported, std::move(reason));
}

// A call's arguments, whose number was checked; the last is the output.
ValueIndex first(const ValueIndices& arguments) { return arguments.Get(0); }
ValueIndex last(const ValueIndices& arguments) { return arguments.Get(arguments.size() - 1); }

Result<ProgramTensor> tensor_at(const MethodGraphBuilder& builder, ValueIndex index) {
  auto tensor = builder.values().described(index);
  if (!tensor) return fail(ErrorCode::corrupt, "an argument of a kernel is no tensor");
  return std::move(*tensor);
}

Result<std::int64_t> number_at(const MethodGraphBuilder& builder, ValueIndex index) {
  const auto number = builder.values().integer(index);
  if (!number) return unsupported("one of its arguments is no number that is known beforehand");
  return *number;
}

// Where logical dim `dim` lies in memory; negative dims count from the end.
Result<std::size_t> place_of(const ProgramTensor& tensor, std::int64_t dim) {
  const auto dims = static_cast<std::int64_t>(tensor.sizes.size());
  const std::int64_t wanted = dim < 0 ? dim + dims : dim;
  const auto found = std::ranges::find(tensor.dim_order, wanted);
  if (found == tensor.dim_order.end())
    return fail(ErrorCode::corrupt, "it names a dim that is none");
  return static_cast<std::size_t>(found - tensor.dim_order.begin());
}

Node node_of(std::string op, std::vector<ValueId> inputs, Attributes attributes) {
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  return node;
}

// ---- nearest upsampling

// The kernel rounds row * (1 / factor) down, in float: with some factors to the row before.
bool is_exact_factor(std::int64_t factor) {
  if (std::has_single_bit(static_cast<std::uint64_t>(factor))) return true;
  constexpr std::int64_t kRows = 1 << 20;
  const float step = 1.0F / static_cast<float>(factor);
  for (std::int64_t row = 0; row < kRows; ++row) {
    const auto kernels_row = static_cast<std::int64_t>(std::floor(static_cast<float>(row) * step));
    if (kernels_row != row / factor) return false;
  }
  return true;
}

Result<std::int64_t> nearest_factor(std::int64_t from, std::int64_t to) {
  if (to < from || to % from != 0) {
    return unsupported(
        fmt::format("it resizes {} rows or columns to {}: Sectile repeats them whole "
                    "times only",
                    from, to));
  }
  if (to > from && !is_exact_factor(to / from)) {
    return fail(ErrorCode::not_exact,
                fmt::format("it resizes by {}, which is rounded differently far from the origin",
                            to / from));
  }
  return to / from;
}

Status read_nearest(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (in->sizes.size() != 4 || out->sizes.size() != 4) return unsupported("it resizes no image");
  const auto y = nearest_factor(in->sizes[2], out->sizes[2]);
  const auto x = nearest_factor(in->sizes[3], out->sizes[3]);
  if (!y || !x) return fail(y ? x.error() : y.error());
  const auto scales = builder.values().doubles(arguments.Get(2));
  if (scales && *scales != std::vector<double>{static_cast<double>(*y), static_cast<double>(*x)}) {
    return unsupported("it resizes by a factor that is no whole number");
  }
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  return builder.define(last(arguments), node_of("Nearest", {*image}, Nearest{*y, *x}));
}

// ---- movement

// Of numbers that are known; the image's are converted by XNNPACK alone.
Status read_conversion(MethodGraphBuilder& builder, const ValueIndices& arguments,
                       const ProgramTensor& in, const ProgramTensor& out) {
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

Status read_copy(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (is_image_type(*in) && in->dtype == out->dtype) {
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

Status read_slice(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto dim = number_at(builder, arguments.Get(1));
  const auto step = number_at(builder, arguments.Get(4));
  if (!in) return fail(in.error());
  if (!dim || !step) return fail(dim ? step.error() : dim.error());
  if (*step != 1) return unsupported(fmt::format("it takes every {}th row or column", *step));
  const auto place = place_of(*in, *dim);
  if (!place) return fail(place.error());
  const std::int64_t length = physical_dims(*in)[*place];
  std::int64_t begin = builder.values().integer(arguments.Get(2)).value_or(0);
  if (begin < 0) begin = std::max<std::int64_t>(0, begin + length);
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

std::vector<std::uint8_t> plain_order(std::size_t dims) {
  std::vector<std::uint8_t> order(dims);
  for (std::size_t i = 0; i < dims; ++i) order[i] = static_cast<std::uint8_t>(i);
  return order;
}

// The node works on dims in their plain order.
Status define_plain(MethodGraphBuilder& builder, const ValueIndices& arguments, std::string op,
                    Attributes attributes) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (out->dim_order != plain_order(out->sizes.size())) {
    return unsupported("it makes values in another order than their dims'");
  }
  const auto image = builder.image_in_order(first(arguments), plain_order(in->sizes.size()));
  if (!image) return fail(image.error());
  return builder.define(last(arguments), node_of(std::move(op), {*image}, std::move(attributes)));
}

Status read_permute(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  auto perm = builder.values().integers(arguments.Get(1));
  if (!perm) return unsupported("its permutation is not known beforehand");
  for (std::int64_t& dim : *perm) dim += dim < 0 ? std::ssize(*perm) : 0;
  return define_plain(builder, arguments, "XNNStaticTranspose", Transpose{std::move(*perm)});
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
  return define_plain(builder, arguments, "XNNStaticTranspose", Transpose{std::move(perm)});
}

Status read_view(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_plain(builder, arguments, "XNNStaticReshape", {});
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
    if ((*amounts)[i] < 0 || (*amounts)[i + 1] < 0) return unsupported("it pads by less than 0");
    pad.before[*place] = (*amounts)[i];
    pad.after[*place] = (*amounts)[i + 1];
  }
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  return builder.define(last(arguments), node_of("XNNStaticConstantPad", {*image}, std::move(pad)));
}

// ---- integers

Status read_arange(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  constexpr std::int64_t kMost = 1 << 20;
  const auto begin = number_at(builder, arguments.Get(0));
  const auto end = number_at(builder, arguments.Get(1));
  const auto step = number_at(builder, arguments.Get(2));
  if (!begin || !end || !step) return unsupported("its range is not known beforehand");
  if (*step < 1 || *end - *begin > kMost) return unsupported("its range is too large");
  Integers numbers;
  for (std::int64_t i = *begin; i < *end; i += *step) numbers.push_back(i);
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

// a + factor * b; one of them may be a single number.
Status define_sum(MethodGraphBuilder& builder, const ValueIndices& arguments, std::int64_t factor) {
  const auto a = builder.integers(arguments.Get(0));
  const auto b = builder.integers(arguments.Get(1));
  const auto alpha = number_at(builder, arguments.Get(2));
  if (!a || !b || !alpha) return unsupported("it works on values that are not known beforehand");
  const std::size_t count = std::max(a->size(), b->size());
  if ((a->size() != count && a->size() != 1) || (b->size() != count && b->size() != 1)) {
    return fail(ErrorCode::corrupt, "it adds lists of different lengths");
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
  auto numbers = builder.integers(first(arguments));
  if (!numbers) return fail(numbers.error());
  const auto least = builder.values().integer(arguments.Get(1));
  const auto most = builder.values().integer(arguments.Get(2));
  for (std::int64_t& number : *numbers) {
    if (least) number = std::max(number, *least);
    if (most) number = std::min(number, *most);
  }
  builder.define_integers(last(arguments), std::move(*numbers));
  return {};
}

// ---- padding by indices: the rows 0 to length, with some before and after them that are copies of
// them

struct EdgePadding {
  std::int64_t before = 0;
  std::int64_t after = 0;
  PadMode mode = PadMode::reflect;
};

bool is_padding(const Integers& rows, std::int64_t length, const EdgePadding& pad) {
  for (std::int64_t i = 0; i < std::ssize(rows); ++i) {
    const std::int64_t expected = copied_row(pad.mode, i - pad.before, length);
    if (rows[static_cast<std::size_t>(i)] != expected) return false;
  }
  return true;
}

std::optional<EdgePadding> padding_of(const Integers& rows, std::int64_t length) {
  const std::int64_t more = std::ssize(rows) - length;
  for (std::int64_t before = 0; before <= more; ++before) {
    for (const PadMode mode : {PadMode::reflect, PadMode::repeat}) {
      const EdgePadding pad{before, more - before, mode};
      if (is_padding(rows, length, pad)) return pad;
    }
  }
  return std::nullopt;
}

Status read_index(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  const auto lists = builder.values().tensors(arguments.Get(1));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (!lists || lists->size() > in->sizes.size() ||
      std::ranges::count_if(*lists, [](ValueIndex list) { return list >= 0; }) != 1) {
    return unsupported("it picks values along several dims at once");
  }
  const auto list = std::ranges::find_if(*lists, [](ValueIndex index) { return index >= 0; });
  const auto rows = builder.integers(*list);
  if (!rows) return fail(rows.error());
  const std::int64_t dim = list - lists->begin();
  const auto pad = padding_of(*rows, in->sizes[static_cast<std::size_t>(dim)]);
  if (!pad) return unsupported("it picks rows or columns in an order that is no padding");
  const auto place = place_of(*out, dim);
  if (!place) return fail(place.error());
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  Pad attributes{Integers(out->sizes.size(), 0), Integers(out->sizes.size(), 0), 0, pad->mode};
  attributes.before[*place] = pad->before;
  attributes.after[*place] = pad->after;
  return builder.define(last(arguments), node_of("EdgePad", {*image}, std::move(attributes)));
}

using ReadKernel = Status (*)(MethodGraphBuilder& builder, const ValueIndices& arguments);

struct Kernel {
  std::string_view name;
  std::uint32_t arguments;  // at least
  ReadKernel read;
};

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
    Kernel{"aten::arange.start_out", 5, read_arange},
    Kernel{"aten::abs.out", 3, read_absolute},
    Kernel{"aten::add.out", 5, read_sum},
    Kernel{"aten::sub.out", 5, read_difference},
    Kernel{"aten::clamp.out", 5, read_clamp},
    Kernel{"aten::index.Tensor_out", 4, read_index},
};

}  // namespace

std::vector<std::string> joined_kernels() {
  std::vector<std::string> names;
  for (const Kernel& kernel : kKernels) names.emplace_back(kernel.name);
  return names;
}

bool is_known_kernel(std::string_view name) {
  return std::ranges::find(kKernels, name, &Kernel::name) != kKernels.end();
}

Status read_kernel(MethodGraphBuilder& builder, std::string_view name,
                   const ValueIndices* arguments) {
  const auto* kernel = std::ranges::find(kKernels, name, &Kernel::name);
  if (arguments == nullptr || arguments->size() < kernel->arguments) {
    return fail(ErrorCode::corrupt, "a kernel has fewer arguments than it takes");
  }
  return kernel->read(builder, *arguments);
}

}  // namespace sectile::internal
