#include "src/session/statistics_program.h"

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "src/graph/passes/stages.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/step_session.h"

namespace sectile::internal {

namespace {

std::vector<ValueId> ids_of(const Statistics& statistics) {
  std::vector<ValueId> ids;
  for (const auto& [id, values] : statistics) ids.push_back(id);
  return ids;
}

// Runs a graph of extra inputs and outputs alone. Errors: over_budget, those of the session.
Result<std::vector<TileBuffer>> run_once(const Graph& graph,
                                         std::span<const std::span<const float>> inputs,
                                         std::shared_ptr<const ProgramBytes> weights) {
  auto session = load_step_session({graph, {}, {}}, std::move(weights), Threading::caller);
  if (!session) return fail(session.error());
  std::vector<TileBuffer> given;
  std::vector<TileBuffer> made;
  std::vector<const std::byte*> sources;
  std::vector<std::byte*> targets;
  for (const std::span<const float> values : inputs) {
    auto buffer = TileBuffer::allocate(static_cast<std::int64_t>(values.size()));
    if (!buffer) return fail(buffer.error());
    std::ranges::copy(values, buffer->values().begin());
    given.push_back(std::move(*buffer));
    sources.push_back(reinterpret_cast<const std::byte*>(given.back().values().data()));
  }
  for (const ValueId id : graph.extra_outputs) {
    auto buffer = TileBuffer::allocate(graph.shape(id).elements());
    if (!buffer) return fail(buffer.error());
    made.push_back(std::move(*buffer));
    targets.push_back(reinterpret_cast<std::byte*>(made.back().values().data()));
  }
  if (auto status = (*session)->run(sources, targets); !status) return fail(status.error());
  return made;
}

// ---- the probe

constexpr std::int64_t kRows = 37;
constexpr std::int64_t kColumns = 29;
constexpr std::int64_t kChannels = 43;

Node unary(const char* op, ValueId in, ValueId out) {
  Node node;
  node.op = op;
  node.inputs = {in};
  node.output = out;
  return node;
}

// The mean of an image, or of its squares.
Graph mean_graph(Statistic kind) {
  const Shape image{{1, kRows, kColumns, kChannels}, 1, 2};
  Graph graph;
  graph.values = {{image}, {image}, {Shape{{1, 1, 1, kChannels}, -1, -1}}};
  graph.extra_inputs = {0};
  graph.extra_outputs = {2};
  const bool of_squares = kind == Statistic::mean_of_squares;
  if (of_squares) graph.nodes.push_back(unary("XNNSquare", 0, 1));
  graph.nodes.push_back(unary("XNNGlobalAvgPooling2d", of_squares ? 1 : 0, 2));
  graph.nodes.back().flags = kKeepDims;
  return graph;
}

// Numbers of many magnitudes and both signs, denormal ones among them: every order of roundings
// gives other sums. Channel after channel.
std::vector<float> probe_pixels() {
  std::vector<float> pixels;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < kRows * kColumns * kChannels; ++i) {
    state = state * 1664525U + 1013904223U;
    const float number = static_cast<float>(state >> 8) * 0x1p-24F - 0.5F;
    const bool is_tiny = i / (kRows * kColumns) % 7 == 3;
    pixels.push_back(is_tiny ? number * 0x1p-130F : number);
  }
  return pixels;
}

std::vector<float> channels_last(const std::vector<float>& planar) {
  constexpr std::int64_t kPixels = kRows * kColumns;
  std::vector<float> out(planar.size());
  for (std::int64_t i = 0; i < kPixels * kChannels; ++i) {
    out[static_cast<std::size_t>(i % kPixels * kChannels + i / kPixels)] =
        planar[static_cast<std::size_t>(i)];
  }
  return out;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

std::unexpected<Error> other_order(const char* of) {
  return fail(ErrorCode::unsupported,
              std::string("[run] on this processor ExecuTorch adds up ") + of +
                  " in another order than Sectile knows of, so a network that takes them runs as a "
                  "whole image only: --mode whole");
}

Result<std::vector<float>> mean_by_executorch(Statistic kind, const std::vector<float>& pixels) {
  const std::vector<float> image = channels_last(pixels);
  const std::array inputs{std::span<const float>(image)};
  auto made = run_once(mean_graph(kind), inputs, nullptr);
  if (!made) return fail(made.error());
  const auto values = (*made)[0].values();
  return std::vector<float>(values.begin(), values.end());
}

Result<SquareRounding> probe() {
  const std::vector<float> pixels = probe_pixels();
  const auto is_alike = [&](Statistic kind, SquareRounding rounding,
                            const std::vector<float>& wanted) {
    Summation summation(kind, kChannels, rounding);
    summation.add(pixels);
    return same_bits(summation.values(), wanted);
  };
  const auto mean = mean_by_executorch(Statistic::mean, pixels);
  if (!mean) return fail(mean.error());
  if (!is_alike(Statistic::mean, SquareRounding::twice, *mean)) return other_order("means");
  const auto squares = mean_by_executorch(Statistic::mean_of_squares, pixels);
  if (!squares) return fail(squares.error());
  for (const SquareRounding rounding : {SquareRounding::once, SquareRounding::twice}) {
    if (is_alike(Statistic::mean_of_squares, rounding, *squares)) return rounding;
  }
  return other_order("squares");
}

}  // namespace

Status compute_statistics(const Graph& whole, std::span<const ValueId> wanted,
                          const std::shared_ptr<const ProgramBytes>& weights, Statistics& known) {
  const StatisticsGraph between = statistics_graph(whole, ids_of(known), wanted);
  if (between.outputs.empty()) return {};
  std::vector<std::span<const float>> inputs;
  for (const ValueId id : between.inputs) inputs.emplace_back(known.at(id));
  const auto made = run_once(between.graph, inputs, weights);
  if (!made) return fail(made.error());
  for (std::size_t i = 0; i < between.outputs.size(); ++i) {
    const auto values = (*made)[i].values();
    known[between.outputs[i]].assign(values.begin(), values.end());
  }
  return {};
}

Result<SquareRounding> probe_statistics() {
  static const Result<SquareRounding> found = probe();
  return found;
}

}  // namespace sectile::internal
