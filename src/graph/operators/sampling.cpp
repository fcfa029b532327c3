// Rows and columns that are copies of others: nearest resizing, and the taps of bicubic resizing.
// XNNPACK has no such operator; it is data movement, which slices, reshapes and concatenations do
// exactly.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/resize_doubts.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {
namespace {
constexpr std::int64_t kMostRows = 1 << 10;  // of a block
constexpr std::array kAxes = {Axis::y, Axis::x};

bool is_sane(const SampledAxis& axis) {
  const std::int64_t out = std::ssize(axis.rows);
  const auto is_near = [](std::int64_t row) { return row > -kMostRows && row < kMostRows; };
  return axis.input_block >= 1 && axis.input_block <= kMostRows && out >= 1 && out <= kMostRows &&
         std::ranges::all_of(axis.rows, is_near);
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  Shape out = inputs[0];
  for (const Axis axis : kAxes) {
    const SampledAxis& sampled = view.attributes<Sampling>().along(axis);
    if (!is_sane(sampled)) {
      return fail(ErrorCode::corrupt, fmt::format("it makes {} of {} rows or columns",
                                                  sampled.rows.size(), sampled.input_block));
    }
    if (out.dim_of(axis) < 0) {
      return fail(ErrorCode::unsupported, "its input is not an image of rows and columns");
    }
    std::int64_t& length = out.dims[static_cast<std::size_t>(out.dim_of(axis))];
    const std::int64_t rows = length;
    length = rows * std::ssize(sampled.rows) / sampled.input_block;
    if (length == 0) return fail(ErrorCode::invalid_argument, operators::makes_none(axis, rows));
  }
  return out;
}

// Whether rows beyond the image's ends are asked for at its edges.
bool reaches_over_blocks(const SampledAxis& axis) {
  return std::ranges::min(axis.rows) < 0 || std::ranges::max(axis.rows) >= axis.input_block;
}

// Where they are, the blocks themselves are counted too: so that the edge's row, which stands for
// those beyond it, is always there.
Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const SampledAxis& sampled = view.attributes<Sampling>().along(axis);
  const std::int64_t count = std::ssize(sampled.rows);
  if (reaches_over_blocks(sampled)) {
    const std::int64_t first = std::min<std::int64_t>(0, std::ranges::min(sampled.rows));
    const std::int64_t last =
        std::max<std::int64_t>(sampled.input_block - 1, std::ranges::max(sampled.rows));
    return {floor_div(output.begin, count) * sampled.input_block + first,
            floor_div(output.end - 1, count) * sampled.input_block + last + 1};
  }
  Range range{sampled.row_of(output.begin), sampled.row_of(output.end - 1) + 1};
  for (std::int64_t i = 1; i < count; ++i) {
    range.begin = std::min(range.begin, sampled.row_of(output.begin + i));
    range.end = std::max(range.end, sampled.row_of(output.end - 1 - i) + 1);
  }
  return range;
}

Ratio scale(const NodeView& view, Axis axis) {
  const SampledAxis& sampled = view.attributes<Sampling>().along(axis);
  return operators::reduced(std::ssize(sampled.rows), sampled.input_block);
}

std::int64_t period(const NodeView& view, Axis axis) {
  return std::ssize(view.attributes<Sampling>().along(axis).rows);
}

void crop_node(const NodeView&, Axis axis, const Crop& crop, Node& node) {
  auto& sampling = std::get<Sampling>(node.attributes);
  SampledAxis& sampled = axis == Axis::y ? sampling.y : sampling.x;
  const std::int64_t count = std::ssize(sampled.rows);
  const std::int64_t first = std::max<std::int64_t>(crop.output.begin, 0);
  const std::int64_t first_input = std::max<std::int64_t>(crop.input.begin, 0);
  sampled.first_row = floor_mod(first, count);
  sampled.first_block = floor_div(first, count) * sampled.input_block - first_input;
}

// ---- lowering

// `in` with its first and last row so many times more.
ValueId with_edges(Graph& graph, ValueId in, std::size_t dim, std::int64_t before,
                   std::int64_t after) {
  if (before == 0 && after == 0) return in;
  std::vector<ValueId> pieces;
  if (before > 0) {
    pieces.assign(static_cast<std::size_t>(before), slice(graph, in, dim, 0, 1));
  }
  pieces.push_back(in);
  if (after > 0) {
    const ValueId last = slice(graph, in, dim, graph.shape(in).dims[dim] - 1, 1);
    pieces.insert(pieces.end(), static_cast<std::size_t>(after), last);
  }
  return join(graph, std::move(pieces), dim);
}

// Row `first` of each of the blocks that begin there, as blocks of one row.
ValueId one_of_each(Graph& graph, ValueId in, std::size_t dim, std::int64_t first,
                    std::int64_t blocks, std::int64_t block) {
  const ValueId rows = slice(graph, in, dim, first, blocks * block);
  std::vector<std::int64_t> dims = graph.shape(rows).dims;
  dims[dim] = blocks;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(dim) + 1, block);
  const ValueId apart = reshape(graph, rows, std::move(dims));
  return block == 1 ? apart : slice(graph, apart, dim + 1, 0, 1);
}

ValueId lower_axis(Graph& graph, ValueId in, std::size_t dim, const SampledAxis& sampled,
                   std::int64_t length) {
  const std::int64_t count = std::ssize(sampled.rows);
  const std::int64_t block = sampled.input_block;
  const std::int64_t blocks = ceil_div(sampled.first_row + length, count);
  const std::int64_t first = sampled.first_block + std::ranges::min(sampled.rows);
  const std::int64_t end = sampled.first_block + std::ranges::max(sampled.rows) + blocks * block;
  const std::int64_t before = std::max<std::int64_t>(0, -first);
  const std::int64_t after = std::max<std::int64_t>(0, end - graph.shape(in).dims[dim]);
  const ValueId padded = with_edges(graph, in, dim, before, after);
  std::map<std::int64_t, ValueId> made;
  std::vector<ValueId> pieces;
  for (const std::int64_t row : sampled.rows) {
    const auto [entry, added] = made.try_emplace(row);
    if (added) {
      const std::int64_t at = before + sampled.first_block + row;
      entry->second = one_of_each(graph, padded, dim, at, blocks, block);
    }
    pieces.push_back(entry->second);
  }
  const ValueId rows = join(graph, std::move(pieces), dim + 1);
  std::vector<std::int64_t> dims = graph.shape(in).dims;
  dims[dim] = blocks * count;
  const ValueId all = reshape(graph, rows, std::move(dims));
  if (sampled.first_row == 0 && length == blocks * count) return all;
  return slice(graph, all, dim, sampled.first_row, length);
}

// Columns before rows: the smaller values are then copied twice.
void lower(const NodeView& view, Graph& graph) {
  ValueId id = view.node.inputs[0];
  for (const Axis axis : {Axis::x, Axis::y}) {
    const SampledAxis& sampled = view.attributes<Sampling>().along(axis);
    if (sampled.rows == std::vector<std::int64_t>{0} && sampled.input_block == 1) continue;
    const auto dim = static_cast<std::size_t>(view.output_shape().dim_of(axis));
    id = lower_axis(graph, id, dim, sampled, view.output_shape().length(axis));
  }
  finish_lowering(view, graph, id);
}

std::optional<LengthDoubt> length_doubt(const NodeView& view, Axis axis, const OtherImage& image) {
  const bool is_whole =
      operators::rows_of(view, axis, image) % view.attributes<Sampling>().along(axis).input_block ==
      0;
  if (view.attributes<Sampling>().is_by_factor && is_whole) return {};
  return operators::resize_length_doubt(view, axis, image);
}

double cost(const NodeView& view) {
  return 3.0 * static_cast<double>(view.output_shape().elements());
}

constexpr std::array kRules = {
    OperatorRule{.op = "Sampling",
                 .shape = shape,
                 .reach = reach,
                 .scale = scale,
                 .cost = cost,
                 .memory = operators::no_memory,
                 .crop = {operators::exact_part<reach>, crop_node},
                 .period = period,
                 .limits = "not XNNPACK's: nearest resizing and the taps of bicubic resizing, "
                           "between delegates",
                 .size_doubt = operators::resize_size_doubt,
                 .length_doubt = length_doubt,
                 .lower = lower}};
}  // namespace

std::span<const OperatorRule> sampling_rules() { return kRules; }

}  // namespace sectile::internal
