#include "tests/support/random_graph.h"

#include <array>
#include <sstream>
#include <utility>
#include <variant>
#include <vector>

#include "src/graph/operator.h"
#include "tests/support/graph_builder.h"
#include "tests/support/random_layers.h"
#include "tests/support/refused_layers.h"

namespace sectile::internal::test {

namespace {

// Every grid that the layers can make divides these, so that branches which agree here agree at
// every multiple of the grid.
constexpr std::array kExportedSizes = {Size{96, 192}, Size{192, 96}, Size{120, 144}, Size{72, 96}};

class RandomGraph {
 public:
  explicit RandomGraph(const RandomGraphOptions& options)
      : random_(options.seed),
        options_(options),
        builder_(builder_options()),
        layers_(random_, builder_, options.positive, options.plain_resizes) {}

  // False when a layer came out that no operator accepts; try another one.
  bool make() {
    const std::int64_t blocks = random_.number(2, 5);
    for (std::int64_t i = 0; i < blocks; ++i) add_block();
    if (options_.refused) add_refused();
    value_to(builder_.convolution(value(), same_windows(random_.number(0, 1) * 2 + 1),
                                  random_.number(1, 3)));
    return builder_.problem().empty();
  }
  Result<RandomNetwork> finish() {
    auto program = builder_.finish(value());
    if (!program) return fail(program.error());
    return RandomNetwork{std::move(*program), refusal_};
  }

 private:
  BuilderOptions builder_options() {
    BuilderOptions builder;
    builder.seed = random_.bits();
    builder.channels = random_.number(1, 4);
    builder.size = random_.pick(kExportedSizes);
    builder.positive = options_.positive;
    builder.channels_last = random_.chance(0.3);
    return builder;
  }

  ValueId value() const { return layers_.value(); }
  void value_to(ValueId value) { layers_.continue_from(value); }

  void add_block() {
    using Layer = void (RandomLayers::*)();
    static constexpr std::array<Layer, 14> layers = {
        &RandomLayers::add_convolution, &RandomLayers::add_convolution,
        &RandomLayers::add_depthwise,   &RandomLayers::add_max_pool,
        &RandomLayers::add_avg_pool,    &RandomLayers::add_transposed,
        &RandomLayers::add_transposed,  &RandomLayers::add_bilinear,
        &RandomLayers::add_bilinear,    &RandomLayers::add_shuffle,
        &RandomLayers::add_unshuffle,   &RandomLayers::add_windows,
        &RandomLayers::add_pad,         &RandomLayers::add_drop};
    using Branches = void (RandomGraph::*)();
    static constexpr std::array<Branches, 5> branches = {
        &RandomGraph::add_u, &RandomGraph::add_u, &RandomGraph::add_skip,
        &RandomGraph::add_inception, &RandomGraph::add_gate};
    if (options_.statistics && random_.chance(0.3)) layers_.add_statistic();
    if (random_.chance(0.7)) {
      (layers_.*random_.pick(layers))();
    } else {
      (this->*random_.pick(branches))();
    }
    layers_.add_pointwise();
  }

  // ---- branches: both ends have the rows and columns of their common begin

  // The value that `make` adds behind `from`; the value in hand stays what it is.
  template <typename Make>
  ValueId path(ValueId from, Make make) {
    const ValueId kept = value();
    value_to(from);
    make();
    const ValueId end = value();
    value_to(kept);
    return end;
  }
  ValueId same_size_path(ValueId from) {
    return path(from, [&] {
      for (std::int64_t i = random_.number(0, 3); i > 0; --i) layers_.add_same_size();
    });
  }
  // Down by 2 and up again: half as deep as a U-Net, or a U-Net where another one stands inside.
  ValueId down_up_path(ValueId from) {
    const Window down{3, 2, 1, 1, 1, 0};
    const ValueId small =
        random_.chance(0.5) ? builder_.max_pool(from, {{2, 2}, {2, 2}})
                            : builder_.convolution(from, {down, down},
                                                   random_.number(1, RandomLayers::kMostChannels));
    return up(path(same_size_path(small), [&] {
      if (random_.chance(0.3)) add_u();
    }));
  }
  ValueId up(ValueId small) {
    switch (random_.number(0, 3)) {
      case 0:
        return builder_.bilinear(small, {2, 1}, {2, 1});
      case 1:
        return builder_.transposed_convolution(small, {{2, 2}, {2, 2}}, 2);
      case 2: {
        const Window twice{4, 2, 1, 1, 1, 0};
        return builder_.transposed_convolution(small, {twice, twice}, 2);
      }
      default:
        return builder_.pixel_shuffle(builder_.convolution(small, same_windows(1), 4), 2);
    }
  }
  // Sums need equal channels; a difference could hide a change.
  ValueId join(ValueId a, ValueId b) {
    if (builder_.channels(a) == builder_.channels(b) && random_.chance(0.7)) {
      return builder_.binary(a, b, options_.positive ? "XNNAdd" : random_.pick(kSums));
    }
    return builder_.concat(a, b);
  }
  void add_skip() { value_to(join(value(), same_size_path(same_size_path(value())))); }
  void add_u() {
    if (!layers_.divisible(2) || !layers_.can_shrink(2)) return add_skip();
    layers_.count_stride(2);
    value_to(join(same_size_path(value()), down_up_path(value())));
  }
  void add_inception() {
    std::vector<ValueId> parts;
    for (std::int64_t i = random_.number(2, 5); i > 0; --i) {
      parts.push_back(same_size_path(value()));
    }
    value_to(builder_.convolution(builder_.concat(parts), same_windows(1),
                                  random_.number(1, RandomLayers::kMostChannels)));
  }
  // Every channel with one and the same image.
  void add_gate() {
    const ValueId gate = builder_.convolution(same_size_path(value()), same_windows(3), 1);
    const ValueId image = same_size_path(value());
    if (options_.positive) return value_to(builder_.binary(image, gate, "XNNAdd"));
    if (random_.chance(0.8)) return value_to(builder_.binary(image, gate, random_.pick(kSums)));
    const ValueId above_zero = builder_.unary(builder_.unary(gate, "XNNTanh"), "XNNExp");
    value_to(builder_.binary(image, above_zero, "XNNDiv"));
  }

  void add_refused() { refusal_ = add_refused_layer(random_, builder_, layers_); }

  inline static const std::array<std::string, 5> kSums = {"XNNAdd", "XNNSubtract", "XNNMaximum",
                                                          "XNNMinimum", "XNNMultiply"};

  RandomNumbers random_;
  RandomGraphOptions options_;
  GraphBuilder builder_;
  RandomLayers layers_;
  std::string refusal_;
};

}  // namespace

Result<RandomNetwork> make_random_network(const RandomGraphOptions& options) {
  RandomGraphOptions attempt = options;
  while (true) {
    RandomGraph graph(attempt);
    if (graph.make()) return graph.finish();
    attempt.seed = attempt.seed * 6364136223846793005U + 1442695040888963407U;
  }
}

Result<GraphProgram> make_random_graph(const RandomGraphOptions& options) {
  auto network = make_random_network(options);
  if (!network) return fail(network.error());
  return std::move(network->program);
}

std::string describe(const Graph& graph) {
  std::ostringstream text;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    text << "  " << node_name(graph, i);
    for (const ValueId id : node.inputs) {
      text << ' ' << id << '[' << (id == kNoValue ? "" : to_string(graph.shape(id))) << ']';
    }
    text << " -> " << node.output << '[' << to_string(graph.shape(node.output)) << "]";
    const auto* conv = std::get_if<Convolution>(&node.attributes);
    const auto* pool = std::get_if<Pooling>(&node.attributes);
    if (conv != nullptr || pool != nullptr) {
      const Windows& windows = conv != nullptr ? conv->windows : pool->windows;
      for (const Axis axis : {Axis::y, Axis::x}) {
        const Window& w = windows.along(axis);
        text << " k" << w.kernel << " s" << w.stride << " d" << w.dilation << " p" << w.pad_before
             << '+' << w.pad_after << " a" << w.adjustment;
      }
    }
    text << '\n';
  }
  return text.str();
}

}  // namespace sectile::internal::test
