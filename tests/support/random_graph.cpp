#include "tests/support/random_graph.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <sstream>
#include <variant>

#include "src/graph/operator.h"
#include "tests/support/graph_builder.h"

namespace sectile::test {

namespace {

// Every grid that the layers below can make divides these, so that branches which agree here agree
// at every multiple of the grid.
constexpr Size kExportedSize{96, 192};
constexpr std::int64_t kLeastLength = 14;  // a layer's rows at the exported size
constexpr std::int64_t kMostLength = 400;
constexpr std::int64_t kMostChannels = 6;

class RandomGraph {
 public:
  explicit RandomGraph(const RandomGraphOptions& options)
      : engine_(options.seed), options_(options), builder_(builder_options()) {}

  // False when a layer came out that no operator accepts; try another one.
  bool make() {
    value_ = builder_.image();
    const std::int64_t blocks = number(2, 5);
    for (std::int64_t i = 0; i < blocks; ++i) add_block();
    value_ = builder_.convolution(value_, window_of(number(0, 1) * 2 + 1), number(1, 3));
    return builder_.problem().empty();
  }
  Result<GraphProgram> finish() { return builder_.finish(value_); }

 private:
  BuilderOptions builder_options() {
    BuilderOptions builder;
    builder.seed = engine_();
    builder.channels = number(1, 4);
    builder.size = kExportedSize;
    builder.positive = options_.positive;
    builder.channels_last = chance(0.3);
    return builder;
  }

  std::int64_t number(std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(double probability) {
    return static_cast<double>(engine_() % 1000) < 1000 * probability;
  }
  template <typename T, std::size_t n>
  T pick(const std::array<T, n>& choices) {
    return choices[static_cast<std::size_t>(number(0, n - 1))];
  }

  // ---- windows

  // Keeps rows and columns. REQUIRES: an odd kernel.
  static Windows window_of(std::int64_t kernel, std::int64_t dilation = 1) {
    const std::int64_t padding = (kernel - 1) / 2 * dilation;
    const Window window{kernel, 1, dilation, padding, padding, 0};
    return {window, window};
  }
  Window any_window(std::int64_t stride) {
    Window window;
    window.kernel = number(1, 5);
    window.stride = stride;
    window.dilation = chance(0.2) ? 2 : 1;
    window.pad_before = number(0, window.extent() / 2);
    window.pad_after = chance(0.7) ? window.pad_before : number(0, window.extent() / 2);
    return window;
  }
  Windows any_windows(std::int64_t stride) {
    const Window y = any_window(stride);
    Window x = chance(0.6) ? y : any_window(stride);
    if (chance(0.1)) x.stride = 1;
    return {y, x};
  }
  Window pool_window(std::int64_t stride, bool dilated) {
    Window window;
    window.stride = stride;
    window.kernel = std::max<std::int64_t>(2, number(stride, stride + 1));
    window.dilation = dilated ? 2 : 1;
    window.pad_before = number(0, window.kernel / 2);
    window.pad_after = window.pad_before;
    return window;
  }

  // ---- what the value allows

  std::int64_t rows() const { return builder_.shape(value_).length(Axis::y); }
  std::int64_t columns() const { return builder_.shape(value_).length(Axis::x); }
  bool divisible(std::int64_t by) const { return rows() % by == 0 && columns() % by == 0; }
  bool can_shrink(std::int64_t by) const {
    return std::min(rows(), columns()) / by >= kLeastLength && shrunk_ * by <= 12;
  }
  bool can_grow(std::int64_t by) const { return std::max(rows(), columns()) * by <= kMostLength; }
  std::int64_t stride_to_take() {
    std::int64_t stride = pick(std::array<std::int64_t, 6>{1, 1, 1, 2, 2, 3});
    // A second stride of 3 would make a grid that does not divide the exported size.
    if (stride == 3 && shrunk_ % 3 == 0) stride = 1;
    if (!can_shrink(stride)) stride = 1;
    shrunk_ *= stride;
    return stride;
  }

  // ---- layers

  void add_block() {
    using Layer = void (RandomGraph::*)();
    static constexpr std::array<Layer, 16> layers = {
        &RandomGraph::add_convolution, &RandomGraph::add_convolution, &RandomGraph::add_depthwise,
        &RandomGraph::add_max_pool,    &RandomGraph::add_avg_pool,    &RandomGraph::add_transposed,
        &RandomGraph::add_transposed,  &RandomGraph::add_bilinear,    &RandomGraph::add_bilinear,
        &RandomGraph::add_shuffle,     &RandomGraph::add_unshuffle,   &RandomGraph::add_pad_or_drop,
        &RandomGraph::add_branches,    &RandomGraph::add_branches,    &RandomGraph::add_skip,
        &RandomGraph::add_skip};
    (this->*pick(layers))();
    add_pointwise();
  }

  void add_convolution() {
    const std::int64_t in = builder_.channels(value_);
    const std::int64_t groups = in % 2 == 0 && chance(0.3) ? 2 : 1;
    const std::int64_t out = number(1, kMostChannels / groups) * groups;
    value_ = builder_.convolution(value_, any_windows(stride_to_take()), out, groups);
  }
  void add_depthwise() {
    const std::int64_t multiplier =
        builder_.channels(value_) * 2 <= kMostChannels ? number(1, 2) : 1;
    value_ = builder_.depthwise(value_, any_windows(stride_to_take()), multiplier);
  }
  void add_max_pool() {
    const std::int64_t stride = stride_to_take();
    const bool dilated = chance(0.2);
    value_ =
        builder_.max_pool(value_, {pool_window(stride, dilated), pool_window(stride, dilated)});
  }
  void add_avg_pool() {
    const std::int64_t stride = stride_to_take();
    value_ = builder_.avg_pool(value_, {pool_window(stride, false), pool_window(stride, false)});
  }
  void add_transposed() {
    const std::int64_t stride = can_grow(3) ? number(1, 3) : can_grow(2) ? number(1, 2) : 1;
    Window window;
    window.stride = stride;
    // A kernel below the stride leaves rows that come from the bias alone; they carry no change.
    window.kernel = number(options_.positive ? stride : 1, stride + 2);
    window.pad_before = number(0, (window.kernel - 1) / 2);
    window.pad_after = chance(0.8) ? window.pad_before : number(0, (window.kernel - 1) / 2);
    window.adjustment = chance(0.3) ? number(0, stride - 1) : 0;
    const std::int64_t groups = builder_.channels(value_) % 2 == 0 && chance(0.3) ? 2 : 1;
    value_ = builder_.transposed_convolution(value_, {window, window}, 2 * groups, groups);
  }
  void add_bilinear() {
    if (divisible(4) && can_shrink(4) && chance(0.2)) return bilinear_down(4);
    if (divisible(2) && can_shrink(2) && chance(0.6)) return bilinear_down(2);
    if (can_grow(2)) value_ = builder_.bilinear(value_, {2, 1}, {2, 1});
  }
  void bilinear_down(std::int64_t by) {
    shrunk_ *= by;
    value_ = builder_.bilinear(value_, {1, by}, {1, by});
  }
  void add_shuffle() {
    if (!can_grow(2)) return;
    const std::int64_t channels = 4 * number(1, 2);
    value_ = builder_.pixel_shuffle(builder_.convolution(value_, window_of(3), channels), 2);
  }
  void add_unshuffle() {
    if (!divisible(2) || !can_shrink(2)) return;
    shrunk_ *= 2;
    const ValueId parts = builder_.pixel_unshuffle(value_, 2);
    value_ = builder_.convolution(parts, window_of(1), number(1, kMostChannels));
  }
  void add_pad_or_drop() {
    if (chance(0.5)) {
      Window y, x;
      y.pad_before = number(0, 2);
      y.pad_after = number(0, 2);
      x.pad_before = number(0, 2);
      x.pad_after = number(0, 2);
      value_ = builder_.pad(value_, y, x, 0.5F);
    } else {
      value_ = builder_.drop_first(value_, number(0, 3), number(0, 3));
    }
  }

  void add_pointwise() {
    if (options_.positive) {
      if (chance(0.4)) value_ = builder_.relu(value_);
      if (chance(0.2)) value_ = builder_.unary(value_, "XNNLeakyReLU", LeakyRelu{0.1F});
    } else if (chance(0.5)) {
      static const std::array<std::string, 9> ops = {"XNNSigmoid", "XNNTanh",   "XNNHardswish",
                                                     "XNNAbs",     "XNNNegate", "XNNGelu",
                                                     "XNNSquare",  "XNNSin",    "XNNFloor"};
      value_ = builder_.unary(value_, pick(ops));
    }
    if (chance(0.2)) value_ = builder_.times_constant(value_);
    if (builder_.channels(value_) > 2 && chance(0.15)) {
      // Mixed before, so that no branch is dropped as a whole.
      const ValueId mixed = builder_.convolution(value_, window_of(1), builder_.channels(value_));
      value_ = builder_.keep_channels(mixed, 1, builder_.channels(mixed) - 1);
    }
  }

  // ---- branches: both ends have the rows and columns of their common begin

  ValueId same_size_path(ValueId from) {
    ValueId path = from;
    for (std::int64_t i = number(0, 2); i > 0; --i) {
      path = builder_.convolution(path, window_of(2 * number(0, 2) + 1, number(1, 2)),
                                  number(1, kMostChannels));
    }
    return path;
  }
  // Down by 2 and up again: half as deep as a U-Net.
  ValueId down_up_path(ValueId from) {
    const Window down{3, 2, 1, 1, 1, 0};
    const ValueId small = same_size_path(
        chance(0.5) ? builder_.max_pool(from, {{2, 2}, {2, 2}})
                    : builder_.convolution(from, {down, down}, number(1, kMostChannels)));
    switch (number(0, 3)) {
      case 0:
        return builder_.bilinear(small, {2, 1}, {2, 1});
      case 1:
        return builder_.transposed_convolution(small, {{2, 2}, {2, 2}}, 2);
      case 2: {
        const Window up{4, 2, 1, 1, 1, 0};
        return builder_.transposed_convolution(small, {up, up}, 2);
      }
      default:
        return builder_.pixel_shuffle(builder_.convolution(small, window_of(1), 4), 2);
    }
  }
  // Sums need equal channels; a difference could hide a change.
  ValueId join(ValueId a, ValueId b) {
    if (builder_.channels(a) == builder_.channels(b) && chance(0.7)) {
      return builder_.binary(a, b, options_.positive ? "XNNAdd" : pick(kSums));
    }
    return builder_.concat(a, b);
  }
  void add_skip() { value_ = join(value_, same_size_path(same_size_path(value_))); }
  void add_branches() {
    if (!divisible(2) || !can_shrink(2)) return add_skip();
    shrunk_ *= 2;
    value_ = join(same_size_path(value_), down_up_path(value_));
  }

  inline static const std::array<std::string, 4> kSums = {"XNNAdd", "XNNSubtract", "XNNMaximum",
                                                          "XNNMultiply"};

  std::mt19937_64 engine_;
  RandomGraphOptions options_;
  GraphBuilder builder_;
  ValueId value_ = kNoValue;
  std::int64_t shrunk_ = 1;  // product of all strides so far: a bound of the grid
};

}  // namespace

Result<GraphProgram> make_random_graph(const RandomGraphOptions& options) {
  RandomGraphOptions attempt = options;
  while (true) {
    RandomGraph graph(attempt);
    if (graph.make()) return graph.finish();
    attempt.seed = attempt.seed * 6364136223846793005U + 1442695040888963407U;
  }
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

}  // namespace sectile::test
