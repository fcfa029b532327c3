#include "src/graph/operators/resize_doubts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/integers.h"

namespace sectile::internal::operators {

namespace {

std::string to_text(Ratio factor) {
  return factor.den == 1 ? fmt::format("{}", factor.num)
                         : fmt::format("{}/{}", factor.num, factor.den);
}

// An image made before the node that had as many rows as its output and has other ones than
// `outputs` now; kNoValue when there is none.
ValueId image_left_behind(const NodeView& view, Axis axis, const OtherImage& image,
                          std::int64_t outputs) {
  const Graph& graph = view.graph;
  const auto is_left_behind = [&](ValueId id) {
    return graph.shape(id).dim_of(axis) >= 0 &&
           graph.shape(id).length(axis) == view.output_shape().length(axis) &&
           image.shapes[id].length(axis) != outputs;
  };
  if (is_left_behind(graph.input)) return graph.input;
  for (const Node& node : graph.nodes) {
    if (node.output == view.node.output) break;
    if (is_left_behind(node.output)) return node.output;
  }
  return kNoValue;
}

}  // namespace

Ratio simplest_factor(std::int64_t rows, std::int64_t outputs) {
  for (std::int64_t den = 1;; ++den) {
    const std::int64_t num = ceil_div(outputs * den, rows);
    if (num * rows < (outputs + 1) * den) return {num, den};
  }
}

std::string makes_none(Axis axis, std::int64_t rows) {
  return fmt::format("it makes no {} of {}", rows_or_columns(axis), rows);
}

std::optional<SizeDoubt> resize_size_doubt(const NodeView& view, Axis axis) {
  constexpr std::int64_t kOwnFactor = 4;
  const std::int64_t rows = view.output_shape().length(axis);
  if (view.input(0).shape.length(axis) != 1 || rows <= kOwnFactor) return {};
  return SizeDoubt{
      fmt::format("it makes {} {} of one: a fixed factor, or the image's size as it was exported",
                  rows, rows_or_columns(axis))};
}

std::optional<LengthDoubt> resize_length_doubt(const NodeView& view, Axis axis,
                                               const OtherImage& image) {
  const char* unit = rows_or_columns(axis);
  const std::int64_t exported = view.input(0).shape.length(axis);
  const std::int64_t exported_outputs = view.output_shape().length(axis);
  const Ratio factor = reduced(exported_outputs, exported);
  const std::int64_t rows = rows_of(view, axis, image);
  const std::int64_t outputs = rows * factor.num / factor.den;
  if (rows * factor.num % factor.den != 0) {
    return LengthDoubt{fmt::format("it resizes by {}, which makes no whole number of {} of {}",
                                   to_text(factor), unit, rows),
                       false};
  }
  const Ratio simplest = simplest_factor(exported, exported_outputs);
  if (rows != exported && simplest != factor) {
    return LengthDoubt{
        fmt::format("it makes {} {} of {} as it was exported: by {} exactly, or by "
                    "{} and rounded, which differs for {}",
                    exported_outputs, unit, exported, to_text(factor), to_text(simplest), rows)};
  }
  const ValueId left_behind = image_left_behind(view, axis, image, outputs);
  if (left_behind == kNoValue) return {};
  return LengthDoubt{fmt::format(
      "it makes {} {} as it was exported, as many as {} had, which has {} now: it resizes to that, "
      "or by {} to {}",
      exported_outputs, unit, left_behind == view.graph.input ? "the image" : "an earlier value",
      image.shapes[left_behind].length(axis), to_text(factor), outputs)};
}

}  // namespace sectile::internal::operators
