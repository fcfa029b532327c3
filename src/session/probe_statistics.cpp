#include "src/session/probe_statistics.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/whole_image_pools.h"
#include "src/runtime/normalize.h"
#include "src/session/statistics_program.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kRows = 37;
constexpr std::int64_t kColumns = 29;
constexpr std::int64_t kPixels = kRows * kColumns;
constexpr std::int64_t kChannels = 43;
constexpr double kEpsilon = 1e-5;

using Numbers = std::vector<float>;

// Of many magnitudes and both signs, denormal ones among them: every order of roundings gives other
// sums. Channel after channel.
Numbers probe_pixels() {
  Numbers pixels;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < kPixels * kChannels; ++i) {
    state = state * 1664525U + 1013904223U;
    const float number = static_cast<float>(state >> 8) * 0x1p-24F - 0.5F;
    const bool is_tiny = i / kPixels % 7 == 3;
    pixels.push_back(is_tiny ? number * 0x1p-130F : number);
  }
  return pixels;
}

Numbers probe_weights(float first) {
  Numbers weights;
  for (std::int64_t c = 0; c < kChannels; ++c) {
    weights.push_back(first + static_cast<float>(c) / 7);
  }
  return weights;
}

Numbers channels_last(const Numbers& planar) {
  Numbers out(planar.size());
  for (std::int64_t i = 0; i < kPixels * kChannels; ++i) {
    out[static_cast<std::size_t>(i % kPixels * kChannels + i / kPixels)] =
        planar[static_cast<std::size_t>(i)];
  }
  return out;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// ---- programs from an image, channels last, to a statistic of it or another image

Graph image_alone() {
  Graph graph;
  graph.values = {{Shape{{1, kRows, kColumns, kChannels}, 1, 2}}};
  graph.extra_inputs = {0};
  return graph;
}

ValueId add(Graph& graph, std::string op, std::vector<ValueId> inputs, Shape shape,
            Attributes attributes = {}) {
  graph.values.push_back({std::move(shape)});
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.output = static_cast<ValueId>(graph.values.size() - 1);
  node.attributes = std::move(attributes);
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().output;
}

Graph mean_graph(bool of_squares) {
  Graph graph = image_alone();
  ValueId image = 0;
  if (of_squares) image = add(graph, "XNNSquare", {image}, graph.shape(image));
  graph.extra_outputs = {add(graph, "XNNGlobalAvgPooling2d", {image}, {{1, 1, 1, kChannels}})};
  graph.nodes.back().flags = kKeepDims;
  return graph;
}

Graph pool_graph() {
  Graph graph = image_alone();
  graph.extra_outputs = {add(graph, std::string(kWholeImagePool), {0}, {{1, 1, 1, kChannels}})};
  return graph;
}

// A kernel of ExecuTorch's own takes the image channel after channel.
ValueId as_planar(Graph& graph) { return transpose(graph, 0, {0, 3, 1, 2}); }

Graph reduction_graph(const char* op, KernelCall::Argument last) {
  Graph graph = image_alone();
  std::vector<KernelCall::Argument> arguments{KernelCall::Input{0}, KernelCall::Integers{2, 3},
                                              true};
  if (!std::holds_alternative<KernelCall::Output>(last)) arguments.push_back(std::move(last));
  arguments.emplace_back(KernelCall::Output{});
  const ValueId reduced =
      add(graph, op, {as_planar(graph)}, {{1, kChannels, 1, 1}}, KernelCall{std::move(arguments)});
  graph.extra_outputs = {reshape(graph, reduced, {1, 1, 1, kChannels})};
  return graph;
}

Graph norm_graph(Normalization::Kernel kernel) {
  Graph graph = image_alone();
  const ValueId planar = as_planar(graph);
  std::vector<ValueId> inputs{planar};
  std::vector<KernelCall::Argument> arguments{KernelCall::Input{0}};
  for (const float first : {0.5F, -1.0F}) {
    if (kernel == Normalization::Kernel::group_norm_without_weights) {
      arguments.emplace_back(KernelCall::None{});
      continue;
    }
    inputs.push_back(add_numbers(graph, {kChannels}, probe_weights(first)));
    arguments.emplace_back(KernelCall::Input{inputs.size() - 1});
  }
  const bool is_instance = kernel == Normalization::Kernel::instance_norm;
  if (is_instance) {
    arguments.insert(arguments.end(), {true, 0.1, kEpsilon});
  } else {
    arguments.insert(arguments.end(), {std::int64_t{1}, kChannels, kPixels, kChannels, kEpsilon});
  }
  arguments.insert(arguments.end(),
                   {KernelCall::Output{}, KernelCall::Unread{0}, KernelCall::Unread{1}});
  const Shape shape = graph.shape(planar);
  const ValueId made = add(
      graph,
      is_instance ? "aten::_native_batch_norm_legit.no_stats_out" : "aten::native_group_norm.out",
      std::move(inputs), shape, KernelCall{std::move(arguments)});
  graph.extra_outputs = {transpose(graph, made, {0, 2, 3, 1})};
  graph.values[graph.extra_outputs[0]].shape = graph.shape(0);
  return graph;
}

// ---- comparisons

std::unexpected<Error> computed_otherwise(const char* what) {
  return fail(ErrorCode::unsupported,
              fmt::format("[run] on this processor ExecuTorch computes {} otherwise than Sectile "
                          "knows of: --mode whole runs the network over all of the image at once, "
                          "and --statistics accurate adds up in double precision",
                          what));
}

class Probe {
 public:
  Result<SquareRounding> run() {
    struct Kind {
      const char* name;
      Statistic statistic;
      Graph graph;
    };
    const std::array kinds{Kind{"means", Statistic::mean, mean_graph(false)},
                           Kind{"average pools", Statistic::pool, pool_graph()},
                           Kind{"means of lists", Statistic::kernel_mean,
                                reduction_graph("aten::mean.out", KernelCall::None{})},
                           Kind{"sums", Statistic::kernel_sum,
                                reduction_graph("aten::sum.IntList_out", KernelCall::None{})},
                           Kind{"largest numbers", Statistic::largest,
                                reduction_graph("aten::amax.out", KernelCall::Output{})},
                           Kind{"least numbers", Statistic::least,
                                reduction_graph("aten::amin.out", KernelCall::Output{})}};
    for (const auto& [name, statistic, graph] : kinds) {
      const auto expected = by_executorch(graph);
      if (!expected) return fail(expected.error());
      if (!is_alike(statistic, SquareRounding::twice, *expected)) return computed_otherwise(name);
    }
    if (auto status = check_norms(); !status) return fail(status.error());
    return find_rounding();
  }

 private:
  Result<Numbers> by_executorch(const Graph& graph) const {
    const std::array inputs{std::span<const float>(image_)};
    auto made = run_once(graph, inputs, nullptr);
    if (!made) return fail(made.error());
    const auto values = (*made)[0].values();
    return Numbers(values.begin(), values.end());
  }

  Numbers added_up(Statistic statistic, SquareRounding rounding) const {
    Summation summation(statistic, kChannels, kColumns, {.rounding = rounding});
    summation.add(pixels_);
    return summation.values();
  }

  bool is_alike(Statistic statistic, SquareRounding rounding, const Numbers& expected) const {
    return same_bits(added_up(statistic, rounding), expected);
  }

  Status check_norms() const {
    using Kernel = Normalization::Kernel;
    const Numbers moments = added_up(Statistic::moments, SquareRounding::twice);
    const Numbers weights = probe_weights(0.5F);
    const Numbers biases = probe_weights(-1);
    for (const Kernel kernel :
         {Kernel::instance_norm, Kernel::group_norm, Kernel::group_norm_without_weights}) {
      const auto expected = by_executorch(norm_graph(kernel));
      if (!expected) return fail(expected.error());
      Numbers made(image_.size());
      normalize({kernel, kEpsilon}, moments, weights, biases, image_, made);
      if (!same_bits(made, *expected)) return computed_otherwise("norms");
    }
    return {};
  }

  Result<SquareRounding> find_rounding() const {
    const auto expected = by_executorch(mean_graph(true));
    if (!expected) return fail(expected.error());
    for (const SquareRounding rounding : {SquareRounding::once, SquareRounding::twice}) {
      if (is_alike(Statistic::mean_of_squares, rounding, *expected)) return rounding;
    }
    return computed_otherwise("means of squares");
  }

  const Numbers pixels_ = probe_pixels();
  const Numbers image_ = channels_last(pixels_);
};

}  // namespace

Result<SquareRounding> probe_statistics() {
  static std::mutex mutex;
  static std::optional<Result<SquareRounding>> found;
  const std::lock_guard lock(mutex);
  // Other errors may pass: no memory, say.
  const bool is_known = found && (*found || found->error().code == ErrorCode::unsupported);
  if (!is_known) found = Probe().run();
  return *found;
}

}  // namespace sectile::internal
