// Slices of channels, and slices that drop the first or last rows or columns of an image.
//
// The file holds how many rows a slice takes: nobody can tell "21 rows" from "all but the last 3".
// Few rows less than there are, are taken for the latter; many are refused.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

std::int64_t offset_of(const NodeView& view, int dim) {
  return dim < 0 ? 0 : view.attributes<Slice>().offsets[static_cast<std::size_t>(dim)];
}

// Rows after those that are taken, as it was exported.
std::int64_t dropped_at_end(const NodeView& view, std::size_t dim) {
  return view.input(0).shape.dims[dim] - view.attributes<Slice>().offsets[dim] -
         view.output_shape().dims[dim];
}

// Few enough to be a number of the network's own.
bool are_few(std::int64_t dropped, std::int64_t rows) {
  constexpr std::int64_t kOwnRows = 4;
  constexpr std::int64_t kSmallShare = 8;
  return dropped <= kOwnRows || kSmallShare * dropped <= rows;
}

// Whether the rows are put after those that follow them in the image, up to its last: the image is
// shifted around its edges.
bool is_shifted_around(const NodeView& view, std::size_t dim) {
  const auto& nodes = view.graph.nodes;
  const auto maker = [&](ValueId id) { return std::ranges::find(nodes, id, &Node::output); };
  return std::ranges::any_of(nodes, [&](const Node& node) {
    const auto* joined = std::get_if<Concat>(&node.attributes);
    if (joined == nullptr || std::cmp_not_equal(joined->axis, dim)) return false;
    const auto place = std::ranges::find(node.inputs, view.node.output);
    if (place == node.inputs.begin() || place == node.inputs.end()) return false;
    const auto before = maker(*std::prev(place));
    if (before == nodes.end() || before->inputs[0] != view.node.inputs[0]) return false;
    const auto* last_rows = std::get_if<Slice>(&before->attributes);
    return last_rows != nullptr && last_rows->offsets[dim] > 0;
  });
}

Status check_end(const NodeView& view, std::size_t dim) {
  const std::int64_t offset = view.attributes<Slice>().offsets[dim];
  const std::int64_t rows = view.input(0).shape.dims[dim];
  const std::int64_t dropped = dropped_at_end(view, dim);
  if (dropped <= 0 || (are_few(dropped, rows) && 2 * (offset + dropped) < rows)) return {};
  if (offset == 0 && is_shifted_around(view, dim)) {
    return fail(ErrorCode::not_exact,
                fmt::format("it moves the first {} rows or columns after the last ones, as shifted "
                            "windows do: these then look at the opposite edge",
                            rows - dropped));
  }
  return fail(ErrorCode::unsupported,
              fmt::format("it takes rows or columns {} to {} of {}: where a slice ends at another "
                          "size is not in the file",
                          offset, rows - dropped, rows));
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto& offsets = view.attributes<Slice>().offsets;
  const Shape& exported = view.output_shape();
  Shape out = inputs[0];
  if (offsets.size() != out.dims.size() || exported.dims.size() != out.dims.size()) {
    return fail(ErrorCode::corrupt, "its offsets and its input have different dims");
  }
  for (std::size_t dim = 0; dim < out.dims.size(); ++dim) {
    const bool spatial = static_cast<int>(dim) == out.y || static_cast<int>(dim) == out.x;
    if (spatial) {
      if (auto status = check_end(view, dim); !status) return fail(status.error());
    }
    const std::int64_t dropped = offsets[dim] + dropped_at_end(view, dim);
    out.dims[dim] = spatial ? inputs[0].dims[dim] - dropped : exported.dims[dim];
    if (spatial && out.dims[dim] < 1) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("it drops {} rows or columns and is given {}", dropped, inputs[0].dims[dim]));
    }
    if (offsets[dim] < 0 || out.dims[dim] < 1 ||
        offsets[dim] + out.dims[dim] > inputs[0].dims[dim]) {
      return fail(ErrorCode::corrupt, fmt::format("it takes {} from {} of {}", out.dims[dim],
                                                  offsets[dim], inputs[0].dims[dim]));
    }
  }
  return out;
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  return output.shifted(offset_of(view, view.input(0).shape.dim_of(axis)));
}

// What it would drop is not there in the first place.
void crop_node(const NodeView& view, Axis axis, const Crop&, Node& node) {
  const int dim = view.input(0).shape.dim_of(axis);
  if (dim >= 0) std::get<Slice>(node.attributes).offsets[static_cast<std::size_t>(dim)] = 0;
}

// "From the middle on" and "the last 40" are written as the row that they began at.
std::optional<SizeDoubt> size_doubt(const NodeView& view, Axis axis) {
  const std::int64_t rows = view.input(0).shape.length(axis);
  const std::int64_t dropped = offset_of(view, view.input(0).shape.dim_of(axis));
  if (2 * dropped < rows && are_few(dropped, rows)) return {};
  return SizeDoubt{
      fmt::format("it drops the first {} of {} {}: that may be fixed, or follow the image's size",
                  dropped, rows, operators::rows_or_columns(axis))};
}

// The last rows may be as many as make the image fit another one, or as were padded before: then it
// depends on the image's size how many, but not among images that differ by whole grid steps.
std::optional<LengthDoubt> length_doubt(const NodeView& view, Axis axis, const OtherImage& image) {
  const auto dim = static_cast<std::size_t>(view.input(0).shape.dim_of(axis));
  const std::int64_t exported = view.input(0).shape.dims[dim];
  const std::int64_t dropped = dropped_at_end(view, dim);
  if (dropped == 0 || image.by_whole_steps) return {};
  return LengthDoubt{fmt::format(
      "it drops the last {} of {} {} as it was exported, and of {} perhaps another number, to fit "
      "another image",
      dropped, exported, operators::rows_or_columns(axis), operators::rows_of(view, axis, image))};
}

void reorder(Node& node, std::span<const std::int64_t> order) {
  auto& offsets = std::get<Slice>(node.attributes).offsets;
  offsets = operators::reordered(offsets, order);
}

constexpr auto kFields = [](auto& io, auto& table, auto& slice) {
  io.ends(table);
  io.field(table.offsets, slice.offsets);
  io.from_output(table, [](auto& out, const std::vector<std::int64_t>& dims) {
    out.num_dims = static_cast<std::uint32_t>(dims.size());
    out.sizes.assign(dims.begin(), dims.end());
  });
};

constexpr NodeFormat kFormat = node_format<fb_xnnpack::XNNStaticSliceT, Slice, kFields>();

constexpr std::string_view kLimits =
    "channels, and few first or last rows or columns to be dropped; a slice that ends long before "
    "the last row is refused: where it ends at another size is not in the file";

constexpr std::array kRules = {OperatorRule{.op = "XNNStaticSlice",
                                            .format = &kFormat,
                                            .shape = shape,
                                            .reach = reach,
                                            .scale = operators::unit_scale,
                                            .cost = operators::one_per_element,
                                            .memory = operators::no_memory,
                                            .crop = {operators::exact_part<reach>, crop_node},
                                            .limits = kLimits,
                                            .refusals = {.not_exact = BlockerReason::wrapped_edges,
                                                         .unsupported = BlockerReason::slice_end},
                                            .size_doubt = size_doubt,
                                            .length_doubt = length_doubt,
                                            .integers = Integers::moved,
                                            .reorder = reorder}};
}  // namespace

std::span<const OperatorRule> slice_rules() { return kRules; }

}  // namespace sectile::internal
