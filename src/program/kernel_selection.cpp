#include "src/program/kernel_selection.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/spread_statistics.h"

namespace sectile::internal {

namespace {

using Integers = std::vector<std::int64_t>;

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

// ---- channels in any order

constexpr std::size_t kMostPieces = 1024;

// A row (or channel) of a value.
struct Row {
  ValueId value = kNoValue;
  std::int64_t index = 0;
};

// Rows of one dim side by side; those that follow each other in a value as one slice.
Result<ValueId> joined_rows(Graph& graph, const std::vector<Row>& rows, std::size_t place) {
  std::vector<ValueId> pieces;
  for (std::size_t i = 0; i < rows.size();) {
    const auto [value, first] = rows[i];
    std::int64_t count = 0;
    while (i < rows.size() && rows[i].value == value && rows[i].index == first + count) {
      ++count;
      ++i;
    }
    if (first < 0 || first + count > graph.shape(value).dims[place]) {
      return fail(ErrorCode::corrupt, "it picks channels that are not there");
    }
    pieces.push_back(slice(graph, value, place, first, count));
  }
  if (pieces.empty()) return fail(ErrorCode::corrupt, "it picks nothing");
  if (pieces.size() > kMostPieces) return unsupported("it picks too many channels one by one");
  return join(graph, std::move(pieces), place);
}

Result<ValueId> picked(MethodGraphBuilder& builder, ValueId image, std::size_t place,
                       const Integers& indices) {
  std::vector<Row> rows;
  for (const std::int64_t index : indices) rows.push_back({image, index});
  return joined_rows(builder.graph(), rows, place);
}

// Of numbers of the program, those at these places of a dim.
Status define_picked_numbers(MethodGraphBuilder& builder, ValueIndex in, ValueIndex out,
                             std::size_t dim, const Integers& indices) {
  const auto from = tensor_at(builder, in);
  const auto to = tensor_at(builder, out);
  const auto numbers = builder.numbers(in);
  if (!from || !to) return fail(from ? to.error() : from.error());
  if (!numbers) return fail(numbers.error());
  const std::int64_t length = from->sizes[dim];
  std::int64_t per_place = 1;
  for (std::size_t i = dim + 1; i < from->sizes.size(); ++i) per_place *= from->sizes[i];
  std::vector<float> picked;
  for (auto block = numbers->begin(); block != numbers->end(); block += length * per_place) {
    for (const std::int64_t index : indices) {
      if (index < 0 || index >= length)
        return fail(ErrorCode::corrupt, "it picks what is not there");
      picked.insert(picked.end(), block + index * per_place, block + (index + 1) * per_place);
    }
  }
  if (Shape{to->sizes}.elements() != std::ssize(picked) || type_of(*to) != DataType::f32) {
    return fail(ErrorCode::corrupt, "it picks more or fewer numbers than it makes");
  }
  builder.define_numbers(out, DataType::f32, picked);
  return {};
}

// Values that lie as the output's do, at these places of a dim. The rule of a slice refuses rows
// and columns.
Status define_picked(MethodGraphBuilder& builder, const ValueIndices& arguments, std::int64_t dim,
                     Integers indices) {
  const auto out = tensor_at(builder, last(arguments));
  const auto in = tensor_at(builder, first(arguments));
  if (!out || !in) return fail(out ? in.error() : out.error());
  const auto place = place_of(*out, dim);
  if (!place) return fail(place.error());
  const std::int64_t length = physical_dims(*in)[place_of(*in, dim).value_or(0)];
  for (std::int64_t& index : indices) index += index < 0 ? length : 0;
  const bool plain = in->dim_order == plain_order(in->sizes.size());
  if (plain && in->dtype == "f32" && !builder.is_image(first(arguments)) &&
      builder.is_constant(first(arguments)) && indices.size() > kMostPieces) {
    return define_picked_numbers(builder, first(arguments), last(arguments), *place, indices);
  }
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  const auto made = picked(builder, *image, *place, indices);
  return made ? builder.define_as(last(arguments), *made) : fail(made.error());
}

// Rows and columns by numbers that come from positions: input[:, :, rows, columns].
Status define_sampled(MethodGraphBuilder& builder, const ValueIndices& arguments,
                      const std::vector<ValueIndex>& lists) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  if (!in || !out) return fail(in ? out.error() : in.error());
  const bool is_image = in->sizes.size() == 4 && out->sizes.size() == 4 && lists.size() == 4;
  if (!is_image || lists[0] >= 0 || lists[1] >= 0) {
    return unsupported("it picks values along several dims at once");
  }
  Sampling sampling;
  for (const std::size_t dim : {2U, 3U}) {
    const Sequence* rows = builder.sequence(lists[dim]);
    if (rows == nullptr) return unsupported("it picks rows or columns that are not known");
    // Of both lists together the last dim is the columns'.
    const auto along = long_dim(*rows);
    const std::size_t from_end = along ? rows->dims.size() - *along : 0;
    auto axis = sampled_axis(*rows, in->sizes[dim], out->sizes[dim]);
    if (from_end != 4 - dim || rows->dims[*along] != out->sizes[dim] || !axis) {
      return fail(ErrorCode::not_exact,
                  "it picks other rows or columns, or mixes them otherwise, far from the origin");
    }
    (dim == 2 ? sampling.y : sampling.x) = std::move(*axis);
  }
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  return builder.define(last(arguments), node_of("Sampling", {*image}, std::move(sampling)));
}

Status read_index(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  const auto lists = builder.values().tensors(arguments.Get(1));
  if (!in || !out) return fail(in ? out.error() : in.error());
  const auto picks = [](ValueIndex list) { return list >= 0; };
  if (lists && std::ranges::count_if(*lists, picks) == 2) {
    return define_sampled(builder, arguments, *lists);
  }
  if (!lists || lists->size() > in->sizes.size() || std::ranges::count_if(*lists, picks) != 1) {
    return unsupported("it picks values along several dims at once");
  }
  const auto list = std::ranges::find_if(*lists, [](ValueIndex index) { return index >= 0; });
  const auto rows = builder.integers(*list);
  if (!rows) return fail(rows.error());
  const std::int64_t dim = list - lists->begin();
  const auto pad = padding_of(*rows, in->sizes[static_cast<std::size_t>(dim)]);
  if (!pad) return define_picked(builder, arguments, dim, *rows);
  const auto place = place_of(*out, dim);
  if (!place) return fail(place.error());
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  if (!image) return fail(image.error());
  Pad attributes{Integers(out->sizes.size(), 0), Integers(out->sizes.size(), 0), 0, pad->mode};
  attributes.before[*place] = pad->before;
  attributes.after[*place] = pad->after;
  return builder.define(last(arguments), node_of("EdgePad", {*image}, std::move(attributes)));
}

Status read_index_select(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto dim = number_at(builder, arguments.Get(1));
  auto indices = builder.integers(arguments.Get(2));
  if (!dim || !indices) return fail(dim ? indices.error() : dim.error());
  return define_picked(builder, arguments, *dim, std::move(*indices));
}

Status read_flip(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto dims = builder.values().integers(arguments.Get(1));
  if (!in) return fail(in.error());
  if (!dims || dims->size() != 1) return unsupported("it turns several dims round");
  const auto place = place_of(*in, dims->front());
  if (!place) return fail(place.error());
  Integers indices(static_cast<std::size_t>(physical_dims(*in)[*place]));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    indices[i] = static_cast<std::int64_t>(indices.size() - 1 - i);
  }
  return define_picked(builder, arguments, dims->front(), std::move(indices));
}

// The largest or smallest of a dim: the values; their places are not kept, and what takes them is
// refused. Arguments: input, dim, keepdim, values, places.
Status read_extreme(MethodGraphBuilder& builder, const ValueIndices& arguments, const char* op) {
  const ValueIndex values = arguments.Get(3);
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, values);
  const auto dim = number_at(builder, arguments.Get(1));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (!dim) return fail(dim.error());
  const bool keeps = out->sizes.size() == in->sizes.size();
  const auto order = keeps ? out->dim_order : plain_order(in->sizes.size());
  const auto place = place_of({in->dtype, in->sizes, order}, *dim);
  const auto image = builder.image_in_order(first(arguments), order);
  if (!place || !image) return fail(place ? image.error() : place.error());
  KernelCall call{{KernelCall::Input{0}, Integers{static_cast<std::int64_t>(*place)}, keeps,
                   KernelCall::Output{}}};
  return builder.define(values, node_of(op, {*image}, std::move(call)));
}

Status read_largest(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return read_extreme(builder, arguments, "aten::amax.out");
}

Status read_smallest(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return read_extreme(builder, arguments, "aten::amin.out");
}

Status read_select(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto in = tensor_at(builder, first(arguments));
  const auto out = tensor_at(builder, last(arguments));
  const auto dim = number_at(builder, arguments.Get(1));
  const auto index = number_at(builder, arguments.Get(2));
  if (!in || !out) return fail(in ? out.error() : in.error());
  if (!dim || !index) return fail(dim ? index.error() : dim.error());
  if (out->dim_order != plain_order(out->sizes.size())) {
    return unsupported("it makes values in another order than their dims'");
  }
  const auto order = plain_order(in->sizes.size());
  const auto place = place_of({in->dtype, in->sizes, order}, *dim);
  const auto image = builder.image_in_order(first(arguments), order);
  if (!place || !image) return fail(place ? image.error() : place.error());
  const std::int64_t wanted = *index < 0 ? *index + in->sizes[*place] : *index;
  const auto one = picked(builder, *image, *place, {wanted});
  if (!one) return fail(one.error());
  return builder.define(last(arguments), node_of("XNNStaticReshape", {*one}, {}));
}

// ---- copies side by side

// Of one pixel, planar or row-major, and of an image: it may be a statistic, and the image of any
// size (src/graph/passes/spread_statistics.h).
bool makes_image_of_pixel(const Integers& pixel, const Integers& image) {
  if (pixel.size() != 4 || image.size() != 4 || pixel[0] != image[0]) return false;
  const bool is_planar = pixel[1] == image[1] && pixel[2] == 1 && pixel[3] == 1;
  const bool is_row_major = pixel[3] == image[3] && pixel[1] == 1 && pixel[2] == 1;
  return (is_planar && image[2] > 1 && image[3] > 1) ||
         (is_row_major && image[1] > 1 && image[2] > 1);
}

ValueId spread_pixel(Graph& graph, ValueId pixel, const Integers& dims) {
  const ValueId made = add_like(graph, pixel, {dims, -1, -1});
  graph.nodes.push_back(node_of(std::string(kSpread), {pixel}, {}));
  graph.nodes.back().output = made;
  return made;
}

// The values so often that they have the dims, as many as now.
Result<ValueId> repeated(MethodGraphBuilder& builder, ValueId made, const Integers& dims) {
  if (makes_image_of_pixel(builder.graph().shape(made).dims, dims)) {
    return spread_pixel(builder.graph(), made, dims);
  }
  for (std::size_t place = 0; place < dims.size(); ++place) {
    const std::int64_t length = builder.graph().shape(made).dims[place];
    if (length < 1 || dims[place] < length || dims[place] % length != 0) {
      return fail(ErrorCode::corrupt, "it repeats values less than once");
    }
    const auto count = static_cast<std::size_t>(dims[place] / length);
    if (count > kMostPieces) return unsupported("it repeats values too often");
    made = join(builder.graph(), std::vector<ValueId>(count, made), place);
  }
  return made;
}

// The image that an argument stands for, with as many dims as the output: those that it lacks come
// first, of length 1.
Result<ValueId> image_of_dims(MethodGraphBuilder& builder, ValueIndex index,
                              const ProgramTensor& out) {
  const auto in = tensor_at(builder, index);
  if (!in) return fail(in.error());
  const std::size_t dims = out.sizes.size();
  if (in->sizes.size() == dims) return builder.image_in_order(index, out.dim_order);
  if (in->sizes.size() > dims) return fail(ErrorCode::corrupt, "it takes values of more dims");
  if (out.dim_order != plain_order(dims)) {
    return unsupported("it adds dims in another order than their own");
  }
  const auto image = builder.image_in_order(index, plain_order(in->sizes.size()));
  if (!image) return image;
  Integers longer(dims - in->sizes.size(), 1);
  longer.insert(longer.end(), in->sizes.begin(), in->sizes.end());
  return reshape(builder.graph(), *image, std::move(longer));
}

// Dims of length 1 become longer, or the whole is there several times.
Status define_repeated(MethodGraphBuilder& builder, ValueIndex from, ValueIndex to) {
  const auto out = tensor_at(builder, to);
  if (!out) return fail(out.error());
  const auto image = image_of_dims(builder, from, *out);
  if (!image) return fail(image.error());
  const auto made = repeated(builder, *image, physical_dims(*out));
  return made ? builder.define_as(to, *made) : fail(made.error());
}

Status read_repetition(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_repeated(builder, first(arguments), last(arguments));
}

// The second argument's values, in the shape of the first.
Status read_copy_over(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  return define_repeated(builder, arguments.Get(1), last(arguments));
}

// input, source, dim, begin, end, step
Status read_slice_scatter(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto out = tensor_at(builder, last(arguments));
  if (out && builder.values().is_empty(arguments.Get(1))) {
    const auto same = builder.image_in_order(first(arguments), out->dim_order);
    return same ? builder.define_as(last(arguments), *same) : fail(same.error());
  }
  const auto source_tensor = tensor_at(builder, arguments.Get(1));
  const auto dim = number_at(builder, arguments.Get(2));
  const auto step = number_at(builder, arguments.Get(5));
  if (!out || !source_tensor) return fail(out ? source_tensor.error() : out.error());
  if (!dim || !step) return fail(dim ? step.error() : dim.error());
  if (*step != 1) return unsupported("it replaces values one by one");
  const auto place = place_of(*out, *dim);
  if (!place) return fail(place.error());
  const auto image = builder.image_in_order(first(arguments), out->dim_order);
  const auto source = builder.image_in_order(arguments.Get(1), out->dim_order);
  if (!image || !source) return fail(image ? source.error() : image.error());
  const std::int64_t length = builder.graph().shape(*image).dims[*place];
  const std::int64_t count = builder.graph().shape(*source).dims[*place];
  std::int64_t begin = builder.values().integer(arguments.Get(3)).value_or(0);
  begin = std::clamp<std::int64_t>(begin < 0 ? begin + length : begin, 0, length);
  const std::int64_t end = begin + count;
  if (end > length) return fail(ErrorCode::corrupt, "it replaces values that are not there");
  std::vector<ValueId> pieces;
  auto& graph = builder.graph();
  if (begin > 0) pieces.push_back(slice(graph, *image, *place, 0, begin));
  pieces.push_back(*source);
  if (end < length) pieces.push_back(slice(graph, *image, *place, end, length - end));
  return builder.define_as(last(arguments), join(graph, std::move(pieces), *place));
}

// Of one dim, the places that `indices` names from `values`, the others from `into`.
Result<ValueId> replaced(Graph& graph, ValueId into, ValueId values, std::size_t place,
                         const Integers& indices) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < graph.shape(into).dims[place]; ++i) rows.push_back({into, i});
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t row = indices[i] + (indices[i] < 0 ? std::ssize(rows) : 0);
    if (row < 0 || row >= std::ssize(rows)) {
      return fail(ErrorCode::corrupt, "it replaces values that are not there");
    }
    rows[static_cast<std::size_t>(row)] = {values, static_cast<std::int64_t>(i)};
  }
  return joined_rows(graph, rows, place);
}

// input, indices, values, whether to add
Status read_index_put(MethodGraphBuilder& builder, const ValueIndices& arguments) {
  const auto out = tensor_at(builder, last(arguments));
  const auto lists = builder.values().tensors(arguments.Get(1));
  const auto* adds = builder.values().at(arguments.Get(3));
  if (!out) return fail(out.error());
  const auto picks = [](ValueIndex list) { return list >= 0; };
  if (!lists || lists->size() > out->sizes.size() || std::ranges::count_if(*lists, picks) != 1) {
    return unsupported("it replaces values along several dims at once");
  }
  if (adds == nullptr || adds->val_as_Bool() == nullptr || adds->val_as_Bool()->bool_val()) {
    return unsupported("it adds to the values that there are");
  }
  const auto list = std::ranges::find_if(*lists, picks);
  const auto indices = builder.integers(*list);
  const auto place = place_of(*out, list - lists->begin());
  if (!indices || !place) return fail(indices ? place.error() : indices.error());
  const auto into = builder.image_in_order(first(arguments), out->dim_order);
  const auto values = image_of_dims(builder, arguments.Get(2), *out);
  if (!into || !values) return fail(into ? values.error() : into.error());
  Integers dims = physical_dims(*out);
  dims[*place] = std::ssize(*indices);
  if (builder.graph().shape(*values).dims != dims) {
    return unsupported("it replaces values by ones of another shape");
  }
  const auto made = replaced(builder.graph(), *into, *values, *place, *indices);
  return made ? builder.define_as(last(arguments), *made) : fail(made.error());
}

constexpr std::array kKernels = {
    Kernel{"aten::index.Tensor_out", 4, read_index},
    Kernel{"aten::index_select.out", 5, read_index_select},
    Kernel{"aten::flip.out", 4, read_flip},
    Kernel{"aten::select_copy.int_out", 5, read_select},
    Kernel{"aten::expand_copy.out", 5, read_repetition},
    Kernel{"aten::repeat.out", 4, read_repetition},
    Kernel{"aten::max.dim_max", 6, read_largest},
    Kernel{"aten::min.dim_min", 6, read_smallest},
    Kernel{"aten::copy.out", 5, read_copy_over},
    Kernel{"aten::index_put.out", 6, read_index_put},
    Kernel{"aten::slice_scatter.out", 8, read_slice_scatter},
};

}  // namespace

std::span<const Kernel> selection_kernels() { return kKernels; }

}  // namespace sectile::internal
