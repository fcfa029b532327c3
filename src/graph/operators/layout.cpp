// Transposes and reshapes: they move values without changing them. Pixel shuffle and unshuffle are
// made of them.
//
// A reshape is read as groups of dims with equal products. A dim that runs along the image must be
// the outermost of its group: then row i and the dims inside it are one row index (i * inner + j),
// which the new dims cut again; the inner ones keep their exported lengths.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/passes/dim_groups.h"

namespace sectile::internal {
namespace {

// ---- transpose

Result<Shape> transpose_shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto& perm = view.attributes<Transpose>().perm;
  const Shape& in = inputs[0];
  Shape out;
  std::vector<bool> seen(in.dims.size(), false);
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const auto from = static_cast<std::size_t>(perm[i]);
    if (from >= in.dims.size() || seen[from]) {
      return fail(ErrorCode::corrupt, "its permutation is none");
    }
    seen[from] = true;
    out.dims.push_back(in.dims[from]);
    if (perm[i] == in.y) out.y = static_cast<int>(i);
    if (perm[i] == in.x) out.x = static_cast<int>(i);
  }
  if (perm.size() != in.dims.size()) return fail(ErrorCode::corrupt, "its permutation is none");
  return out;
}

// ---- reshape

using Dims = std::vector<std::int64_t>;

// How a group that holds an image axis reads: input rows of `in_inner` parts become output rows of
// `out_inner` parts.
struct AxisGroup {
  std::size_t out_dim = 0;
  std::int64_t in_inner = 1;
  std::int64_t out_inner = 1;
};

std::int64_t product_of(const Dims& dims, std::size_t begin, std::size_t end) {
  std::int64_t product = 1;
  for (std::size_t i = begin; i < end; ++i) product *= dims[i];
  return product;
}

// Dims of 1 leave open which of them holds the rows: where the output's axes are known, from a
// larger image, they say it.
Result<AxisGroup> axis_group(const DimGroup& group, const Dims& in, const Dims& out, int dim,
                             int known_out_dim) {
  const auto image_dim = static_cast<std::size_t>(dim);
  if (product_of(in, group.in.begin, image_dim) != 1) {
    return fail(ErrorCode::not_exact, "it merges other dims into the image's rows or columns");
  }
  if (group.out.begin == group.out.end) {
    return fail(ErrorCode::not_exact, "it drops the image's rows or columns");
  }
  std::size_t out_dim = group.out.begin;
  if (group.out.holds(known_out_dim)) {
    out_dim = static_cast<std::size_t>(known_out_dim);
  } else {
    while (out_dim + 1 < group.out.end && out[out_dim] == 1 && in[image_dim] != 1) ++out_dim;
  }
  return AxisGroup{out_dim, product_of(in, image_dim + 1, group.in.end),
                   product_of(out, out_dim + 1, group.out.end)};
}

Result<AxisGroup> find_axis_group(const Shape& in, const Shape& out, Axis axis) {
  const auto groups = match_groups(in.dims, out.dims);
  if (!groups) return fail(groups.error());
  const int dim = in.dim_of(axis);
  const auto group =
      std::ranges::find_if(*groups, [&](const DimGroup& g) { return g.in.holds(dim); });
  if (group == groups->end()) return fail(ErrorCode::internal, "no dim runs along that axis");
  if (group->in.holds(in.y) && group->in.holds(in.x)) {
    return fail(ErrorCode::not_exact, "it merges the image's rows and columns into one dim");
  }
  return axis_group(*group, in.dims, out.dims, dim, out.dim_of(axis));
}

// The input's dims need not be the exported ones, but the axes stand where they stood.
Result<Shape> reshape_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape& in = inputs[0];
  const Dims& exported_out = view.output_shape().dims;
  const Shape exported_in{view.input(0).shape.dims, in.y, in.x};
  Shape out{exported_out, -1, -1};
  if (!match_groups(exported_in.dims, exported_out)) {
    return fail(ErrorCode::corrupt, "its input and its output hold different numbers of values");
  }
  for (const Axis axis : {Axis::y, Axis::x}) {
    if (in.dim_of(axis) < 0) continue;
    const auto group = find_axis_group(exported_in, view.output_shape(), axis);
    if (!group) return fail(group.error());
    const std::int64_t parts = in.length(axis) * group->in_inner;
    if (parts % group->out_inner != 0) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("{} rows or columns cannot be divided by {}", parts, group->out_inner));
    }
    out.dims[group->out_dim] = parts / group->out_inner;
    (axis == Axis::y ? out.y : out.x) = static_cast<int>(group->out_dim);
  }
  return out;
}

Range reshape_reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const auto group = find_axis_group(view.input(0).shape, view.output_shape(), axis);
  if (!group) return output;
  return {floor_div(output.begin * group->out_inner, group->in_inner),
          floor_div(output.end * group->out_inner - 1, group->in_inner) + 1};
}

Ratio reshape_scale(const NodeView& view, Axis axis) {
  const auto group = find_axis_group(view.input(0).shape, view.output_shape(), axis);
  return group ? operators::reduced(group->in_inner, group->out_inner) : Ratio{1, 1};
}

// Cut into parts that have as many rows as there are parts, or more: halves of the image, say.
std::optional<SizeDoubt> reshape_size_doubt(const NodeView& view, Axis axis) {
  constexpr std::int64_t kOwnRows = 4;
  if (view.input(0).shape.dim_of(axis) < 0) return {};
  const auto group = find_axis_group(view.input(0).shape, view.output_shape(), axis);
  if (!group || group->out_inner <= kOwnRows * group->in_inner) return {};
  const std::int64_t parts = view.output_shape().dims[group->out_dim];
  if (parts * group->in_inner > group->out_inner) return {};
  return SizeDoubt{fmt::format(
      "it cuts {} {} into {} parts of {}: either number may be fixed, or follow the image's size",
      view.input(0).shape.length(axis), operators::rows_or_columns(axis), parts,
      group->out_inner / group->in_inner)};
}

// As many whole output rows as whole input rows make.
Crop reshape_part(const NodeView& view, Axis axis, Range output) {
  const Ratio scale = reshape_scale(view, axis);
  const Range input{floor_div(output.begin, scale.num) * scale.den,
                    ceil_div(output.end, scale.num) * scale.den};
  return {input, {input.begin / scale.den * scale.num, input.end / scale.den * scale.num}};
}

// ---- the nodes in the file

constexpr auto kTranspose = [](auto& io, auto& table, auto& transpose) {
  io.ends(table);
  io.field(table.perm, transpose.perm);
  io.from_output(table, [](auto& out, const Dims& dims) {
    out.num_dims = static_cast<std::uint32_t>(dims.size());
  });
};

constexpr auto kReshape = [](auto& io, auto& table, auto&) {
  io.ends(table);
  io.from_output(table, [](auto& out, const Dims& dims) {
    out.num_dims = static_cast<std::uint32_t>(dims.size());
    out.new_shape.assign(dims.begin(), dims.end());
  });
};

constexpr NodeFormat kTransposeFormat =
    node_format<fb_xnnpack::XNNStaticTransposeT, Transpose, kTranspose>();
constexpr NodeFormat kReshapeFormat =
    node_format<fb_xnnpack::XNNStaticReshapeT, std::monostate, kReshape>();

constexpr std::array kRules = {
    OperatorRule{.op = "XNNStaticTranspose",
                 .format = &kTransposeFormat,
                 .shape = transpose_shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = operators::one_per_element,
                 .memory = operators::no_memory,
                 .crop = {operators::exact_part<operators::same_range>},
                 .integers = Integers::moved,
                 .order_matters = true},
    OperatorRule{.op = "XNNStaticReshape",
                 .format = &kReshapeFormat,
                 .shape = reshape_shape,
                 .reach = reshape_reach,
                 .scale = reshape_scale,
                 .cost = operators::one_per_element,
                 .memory = operators::in_place,
                 .crop = {reshape_part},
                 .limits =
                     "of channels, and as part of a pixel shuffle or unshuffle; to merge rows "
                     "and columns with each other or into other dims is not exact",
                 .refusals = {.not_exact = BlockerReason::attention},
                 .size_doubt = reshape_size_doubt,
                 .integers = Integers::moved,
                 .order_matters = true}};
}  // namespace

std::span<const OperatorRule> layout_rules() { return kRules; }

}  // namespace sectile::internal
