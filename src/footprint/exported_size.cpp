#include "src/footprint/exported_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

// The count's name when the number is it, or one divided by it.
std::string count_in(float number, const Shape& shape) {
  constexpr std::int64_t kLeast = 16;  // smaller numbers are too common
  const std::int64_t rows = shape.length(Axis::y);
  const std::int64_t columns = shape.length(Axis::x);
  const std::array<std::pair<std::int64_t, const char*>, 3> counts{
      {{rows * columns, "pixels"}, {rows, "rows"}, {columns, "columns"}}};
  for (const auto& [count, name] : counts) {
    const auto exact = static_cast<double>(count);
    if (count < kLeast) continue;
    if (number == static_cast<float>(exact)) return fmt::format("{} {}", count, name);
    if (number == static_cast<float>(1 / exact)) return fmt::format("1 / {} {}", count, name);
  }
  return {};
}

constexpr std::array kScaling = {"XNNMultiply",          "XNNDiv",
                                 "aten::mul.out",        "aten::div.out",
                                 "aten::mul.Scalar_out", "aten::div.Scalar_out"};

// The single numbers that the node takes.
std::vector<float> numbers_of(const Graph& graph, const Node& node,
                              std::span<const std::byte> file) {
  std::vector<float> numbers;
  for (const ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    if (const auto number = number_of(graph.values[id], file)) numbers.push_back(*number);
  }
  const auto* call = std::get_if<KernelCall>(&node.attributes);
  if (call == nullptr) return numbers;
  for (const auto& argument : call->arguments) {
    if (const auto* whole = std::get_if<std::int64_t>(&argument)) {
      numbers.push_back(static_cast<float>(*whole));
    } else if (const auto* fraction = std::get_if<double>(&argument)) {
      numbers.push_back(static_cast<float>(*fraction));
    }
  }
  return numbers;
}

bool is_about(double number, double like) {
  constexpr double kAbout = 1e-6;
  return std::abs(number / like - 1) < kAbout || std::abs(number * like - 1) < kAbout;
}

// Whether the number is the count of the image's pixels, one more or less, the root of one, or a
// small multiple of it, or that of its rows or columns; or one divided by such a number.
bool follows_count(float number, const Shape& image) {
  constexpr std::int64_t kLeast = 16;  // smaller numbers are too common
  const double wanted = std::abs(static_cast<double>(number));
  if (wanted == 0 || !std::isfinite(wanted)) return false;
  for (const Axis axis : {Axis::y, Axis::x}) {
    const std::int64_t length = image.length(axis);
    if (length >= kLeast && is_about(wanted, static_cast<double>(length))) return true;
  }
  const std::int64_t pixels = image.length(Axis::y) * image.length(Axis::x);
  if (pixels < kLeast) return false;
  for (const double more : {-1.0, 0.0, 1.0}) {
    const double count = static_cast<double>(pixels) + more;
    if (is_about(wanted, std::sqrt(count))) return true;
    for (const double times : {0.25, 0.5, 1.0, 2.0, 3.0, 4.0}) {
      if (is_about(wanted, times * count)) return true;
    }
  }
  return false;
}

// For each value, the images that it depends on through their statistics.
using Images = std::vector<std::vector<ValueId>>;

void add_images(const Graph& graph, const Node& node, Images& images) {
  std::vector<ValueId>& all = images[node.output];
  const auto add = [&](ValueId id) {
    if (std::ranges::find(all, id) == all.end()) all.push_back(id);
  };
  for (const ValueId id : node.inputs) {
    if (id != kNoValue && id != node.output) std::ranges::for_each(images[id], add);
  }
  const OperatorRule* rule = find_rule(node.op);
  const bool is_statistic = rule != nullptr && rule->statistic != Statistic::none;
  if (is_statistic && graph.shape(node.inputs[0]).spatial()) add(node.inputs[0]);
}

// A sum over the image that is divided by as many pixels as were exported, say.
std::optional<SizeDoubt> statistic_doubt(const Graph& graph, const Node& node,
                                         const std::vector<ValueId>& images,
                                         std::span<const std::byte> file) {
  if (images.empty() || std::ranges::find(kScaling, node.op) == kScaling.end()) return {};
  for (const float number : numbers_of(graph, node, file)) {
    for (const ValueId image : images) {
      if (!follows_count(number, graph.shape(image))) continue;
      return SizeDoubt{fmt::format(
          "it scales what depends on a statistic by {}, which may be fixed, or follow from the "
          "{} rows and {} columns that were exported",
          number, graph.shape(image).length(Axis::y), graph.shape(image).length(Axis::x))};
    }
  }
  return {};
}

// Sums of two values do not depend on how many pixels there are; their scaling may.
std::optional<SizeDoubt> scaling_doubt(const Graph& graph, const Node& node,
                                       std::span<const std::byte> file) {
  if (std::ranges::find(kScaling, node.op) == kScaling.end()) return {};
  for (const float number : numbers_of(graph, node, file)) {
    for (const Shape& shape : {graph.input_shape(), graph.shape(node.output)}) {
      const std::string count = count_in(number, shape);
      if (!count.empty()) {
        return SizeDoubt{fmt::format(
            "it scales by {}, which may be fixed, or {} as it was exported", number, count)};
      }
    }
  }
  return {};
}

std::optional<SizeDoubt> doubt_of(const Graph& graph, const Node& node,
                                  std::span<const std::byte> file) {
  const OperatorRule* rule = find_rule(node.op);
  const Shape& out = graph.shape(node.output);
  for (const Axis axis : {Axis::y, Axis::x}) {
    const bool known = !node.inputs.empty() && node.inputs[0] != kNoValue &&
                       graph.shape(node.inputs[0]).dim_of(axis) >= 0 && out.dim_of(axis) >= 0;
    if (!known || rule == nullptr || rule->size_doubt == nullptr) continue;
    if (auto doubt = rule->size_doubt({graph, node}, axis)) return doubt;
  }
  return scaling_doubt(graph, node, file);
}

bool is_after(const Node& node, const std::vector<bool>& after) {
  return std::ranges::any_of(node.inputs, [&](ValueId id) { return id != kNoValue && after[id]; });
}

}  // namespace

std::vector<NodeProblem> find_size_doubts(const Graph& graph, std::span<const std::byte> file) {
  std::vector<NodeProblem> problems;
  std::vector<bool> after(graph.values.size(), false);
  Images images(graph.values.size());
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    add_images(graph, node, images);
    after[node.output] = is_after(node, after);
    if (after[node.output]) continue;
    auto doubt = doubt_of(graph, node, file);
    if (!doubt) doubt = statistic_doubt(graph, node, images[node.output], file);
    if (!doubt) continue;
    after[node.output] = true;
    const bool is_doubt = doubt->reason == BlockerReason::exported_size;
    const ErrorCode code = is_doubt ? ErrorCode::unsupported : ErrorCode::not_exact;
    problems.push_back({index, {code, std::move(doubt->why)}, doubt->reason});
  }
  return problems;
}

std::vector<bool> values_after(const Graph& graph, const std::vector<NodeProblem>& problems) {
  std::vector<bool> after(graph.values.size(), false);
  for (const NodeProblem& problem : problems) after[graph.nodes[problem.node].output] = true;
  for (const Node& node : graph.nodes) {
    if (is_after(node, after)) after[node.output] = true;
  }
  return after;
}

}  // namespace sectile::internal
