// Padding: with a constant, in space or on channels; or in space by what continues the image,
// mirrored at its edges or the edge again and again.
//
// XNNPACK has no operator for the second kind; it is data movement, which slices and concatenations
// do exactly. A part of it takes as many rows more on both sides as the padding is copied from,
// whether it lies at an edge or not, and drops them again: amounts below 0 stand for rows to be
// dropped, of the padding at the other edge too.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {
namespace {
constexpr std::int64_t kLargestPadding = 1 << 16;

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto& pad = view.attributes<Pad>();
  Shape out = inputs[0];
  if (pad.before.size() != out.dims.size() || pad.after.size() != out.dims.size()) {
    return fail(ErrorCode::corrupt, "its paddings and its input have different dims");
  }
  for (std::size_t dim = 0; dim < out.dims.size(); ++dim) {
    if (pad.before[dim] > kLargestPadding || pad.after[dim] > kLargestPadding) {
      return fail(ErrorCode::corrupt,
                  fmt::format("it pads by {} and {}", pad.before[dim], pad.after[dim]));
    }
    out.dims[dim] += pad.before[dim] + pad.after[dim];
  }
  return out;
}

struct Amounts {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

Amounts amounts(const NodeView& view, Axis axis) {
  const int dim = view.input(0).shape.dim_of(axis);
  if (dim < 0) return {};
  const auto& pad = view.attributes<Pad>();
  return {pad.before[static_cast<std::size_t>(dim)], pad.after[static_cast<std::size_t>(dim)]};
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  return output.shifted(-amounts(view, axis).before);
}

void crop_node(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  const Shape& image = view.input(0).shape;
  if (image.dim_of(axis) < 0) return;
  const auto dim = static_cast<std::size_t>(image.dim_of(axis));
  auto& pad = std::get<Pad>(node.attributes);
  const Window left = operators::crop_window({}, crop, image.length(axis));
  pad.before[dim] = left.pad_before;
  pad.after[dim] = left.pad_after;
}

std::optional<SizeDoubt> size_doubt(const NodeView& view, Axis axis) {
  constexpr std::int64_t kOwnRows = 8;
  const Amounts pad = amounts(view, axis);
  const std::int64_t rows = view.input(0).shape.length(axis);
  const std::int64_t most = std::max(pad.before, pad.after);
  if (most <= kOwnRows || 2 * most < rows) return {};
  return SizeDoubt{
      fmt::format("it pads {} {} by {} and {}: that may be fixed, or follow the image's size", rows,
                  operators::rows_or_columns(axis), pad.before, pad.after)};
}

// ---- continuing the image

bool reflects(const NodeView& view) { return view.attributes<Pad>().mode == PadMode::reflect; }

std::int64_t rows_behind(const NodeView& view, std::int64_t amount) {
  if (amount <= 0) return 0;
  return reflects(view) ? amount + 1 : 1;
}

EdgeRows edge_rows(const NodeView& view, Axis axis) {
  const Amounts pad = amounts(view, axis);
  return {rows_behind(view, pad.before), rows_behind(view, pad.after)};
}

// The copies go away from the edge step by step, or stay on it.
Range copied_rows(const NodeView& view, Axis axis, Range input) {
  const std::int64_t length = view.input(0).shape.length(axis);
  const PadMode mode = view.attributes<Pad>().mode;
  Range rows;
  for (const Range beyond :
       {input.intersect({input.begin, 0}), input.intersect({length, input.end})}) {
    if (beyond.empty()) continue;
    const std::int64_t first = copied_row(mode, beyond.begin, length);
    const std::int64_t last = copied_row(mode, beyond.end - 1, length);
    rows = rows.unite({std::min(first, last), std::max(first, last) + 1});
  }
  return rows;
}

Status check_dim(const NodeView& view, const Shape& in, std::size_t dim) {
  const auto& pad = view.attributes<Pad>();
  const bool spatial = static_cast<int>(dim) == in.y || static_cast<int>(dim) == in.x;
  if (!spatial && (pad.before[dim] != 0 || pad.after[dim] != 0)) {
    return fail(ErrorCode::corrupt,
                fmt::format("it pads dim {} by {} and {}", dim, pad.before[dim], pad.after[dim]));
  }
  const std::int64_t most = std::max(pad.before[dim], pad.after[dim]);
  if (in.dims[dim] >= rows_behind(view, most)) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} rows or columns cannot be mirrored by {}", in.dims[dim], most));
}

Result<Shape> edge_shape(const NodeView& view, std::span<const Shape> inputs) {
  auto out = shape(view, inputs);
  for (std::size_t dim = 0; out && dim < inputs[0].dims.size(); ++dim) {
    if (auto status = check_dim(view, inputs[0], dim); !status) return fail(status.error());
  }
  return out;
}

// The row after a padding of n rows is n (2n when mirrored) rows away from the furthest of them.
Crop edge_ranges(const NodeView& view, Axis axis, Range output) {
  const Amounts pad = amounts(view, axis);
  const std::int64_t far = reflects(view) ? 2 : 1;
  const Range same = output.shifted(-pad.before);
  return {{same.begin - far * pad.after, same.end + far * pad.before}, output};
}

void apply_edge_part(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  const Shape& image = view.input(0).shape;
  if (image.dim_of(axis) < 0) return;
  const auto dim = static_cast<std::size_t>(image.dim_of(axis));
  const Range there = crop.input.intersect({0, image.length(axis)});
  const Range made = crop.output.intersect({0, view.output_shape().length(axis)});
  const Range wanted = made.shifted(-amounts(view, axis).before);
  auto& pad = std::get<Pad>(node.attributes);
  pad.before[dim] = there.begin - wanted.begin;
  pad.after[dim] = wanted.end - there.end;
}

// Positions before the input's first row or after its last, each a copy of one of its rows.
std::vector<ValueId> beyond(const NodeView& view, Graph& graph, ValueId id, std::size_t dim,
                            Range positions) {
  const std::int64_t length = graph.shape(id).dims[dim];
  std::vector<ValueId> rows;
  for (std::int64_t position = positions.begin; position < positions.end; ++position) {
    const std::int64_t row = copied_row(view.attributes<Pad>().mode, position, length);
    rows.push_back(slice(graph, id, dim, row, 1));
  }
  return rows;
}

ValueId lower_dim(const NodeView& view, Graph& graph, ValueId id, std::size_t dim) {
  const auto& pad = view.attributes<Pad>();
  const Range all{0, graph.shape(id).dims[dim]};
  const Range wanted{-pad.before[dim], all.end + pad.after[dim]};
  if (wanted == all) return id;
  std::vector<ValueId> pieces;
  const auto add_beyond = [&](Range positions) {
    auto rows = beyond(view, graph, id, dim, positions);
    if (!rows.empty()) pieces.push_back(join(graph, std::move(rows), dim));
  };
  add_beyond({wanted.begin, std::min<std::int64_t>(wanted.end, 0)});
  const Range kept = wanted.intersect(all);
  if (kept == all) {
    pieces.push_back(id);
  } else if (!kept.empty()) {
    pieces.push_back(slice(graph, id, dim, kept.begin, kept.size()));
  }
  add_beyond({std::max(wanted.begin, all.end), wanted.end});
  return join(graph, std::move(pieces), dim);
}

// Rows that are dropped before columns are added: so that nothing is copied in vain.
void lower_edges(const NodeView& view, Graph& graph) {
  ValueId id = view.node.inputs[0];
  for (std::size_t dim = 0; dim < view.output_shape().dims.size(); ++dim) {
    id = lower_dim(view, graph, id, dim);
  }
  finish_lowering(view, graph, id);
}

double edge_cost(const NodeView& view) {
  return 2.0 * static_cast<double>(view.output_shape().elements());
}

// More padding at the end may be what a strided window needs ("same"), or what makes the image a
// multiple of some length: other sizes may need other padding, but not those that differ by whole
// grid steps.
std::optional<LengthDoubt> length_doubt(const NodeView& view, Axis axis, const OtherImage& image) {
  const Amounts pad = amounts(view, axis);
  if (image.by_whole_steps || pad.after <= pad.before) return {};
  return LengthDoubt{fmt::format(
      "it pads {} {} by {} at the start and {} at the end as it was exported, and {} perhaps "
      "otherwise, to make them fit",
      view.input(0).shape.length(axis), operators::rows_or_columns(axis), pad.before, pad.after,
      operators::rows_of(view, axis, image))};
}

void reorder(Node& node, std::span<const std::int64_t> order) {
  auto& pad = std::get<Pad>(node.attributes);
  pad.before = operators::reordered(pad.before, order);
  pad.after = operators::reordered(pad.after, order);
}

constexpr auto kFields = [](auto& io, auto& table, auto& pad) {
  io.ends(table);
  io.field(table.pre_paddings, pad.before);
  io.field(table.post_paddings, pad.after);
  io.field(table.padding_value, pad.value);
};

constexpr NodeFormat kFormat = node_format<fb_xnnpack::XNNStaticConstantPadT, Pad, kFields>();

constexpr std::array kRules = {OperatorRule{.op = "XNNStaticConstantPad",
                                            .format = &kFormat,
                                            .shape = shape,
                                            .reach = reach,
                                            .scale = operators::unit_scale,
                                            .cost = operators::one_per_element,
                                            .memory = operators::no_memory,
                                            .crop = {operators::exact_part<reach>, crop_node},
                                            .size_doubt = size_doubt,
                                            .length_doubt = length_doubt,
                                            .reorder = reorder},
                               OperatorRule{.op = "EdgePad",
                                            .shape = edge_shape,
                                            .reach = reach,
                                            .scale = operators::unit_scale,
                                            .cost = edge_cost,
                                            .memory = operators::no_memory,
                                            .crop = {edge_ranges, apply_edge_part},
                                            .limits = "mirrored or repeated edges; not XNNPACK's: "
                                                      "padding by indices between delegates",
                                            .edge_rows = edge_rows,
                                            .copied_rows = copied_rows,
                                            .size_doubt = size_doubt,
                                            .length_doubt = length_doubt,
                                            .lower = lower_edges,
                                            .reorder = reorder}};
}  // namespace

std::span<const OperatorRule> pad_rules() { return kRules; }

}  // namespace sectile::internal
