#include "tests/support/random_layers.h"

#include <algorithm>
#include <limits>

namespace sectile::internal::test {

namespace {
constexpr std::int64_t kLeastLength = 14;  // a layer's rows at the exported size
constexpr std::int64_t kMostLength = 400;
constexpr std::int64_t kLargestGrid = 12;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Attributes function_attributes(const std::string& op) {
  if (op == "XNNELU") return Elu{0.8F};
  if (op == "XNNLeakyReLU") return LeakyRelu{0.2F};
  return {};
}
}  // namespace

Window up_to_the_end(Window window, std::int64_t rows) {
  std::int64_t first = -window.pad_before;
  const auto ends_before = [&](std::int64_t end) { return first + window.extent() < end; };
  while (ends_before(rows + window.pad_before) && first + window.stride < rows) {
    first += window.stride;
  }
  window.pad_after = std::max(window.pad_after, first + window.extent() - rows);
  return window;
}

Windows same_windows(std::int64_t kernel, std::int64_t dilation) {
  const std::int64_t padding = (kernel - 1) / 2 * dilation;
  const Window window{kernel, 1, dilation, padding, padding, 0};
  return {window, window};
}

bool RandomLayers::can_shrink(std::int64_t by) const {
  // A second stride of 3 would make a grid that does not divide the exported size.
  if (by % 3 == 0 && shrunk_ % 3 == 0) return false;
  return std::min(rows(), columns()) / by >= kLeastLength && shrunk_ * by <= kLargestGrid;
}
bool RandomLayers::can_grow(std::int64_t by) const {
  return std::max(rows(), columns()) * by <= kMostLength;
}

std::int64_t RandomLayers::stride_to_take() {
  const std::int64_t stride = random_.pick(std::array<std::int64_t, 6>{1, 1, 1, 2, 2, 3});
  if (!can_shrink(stride)) return 1;
  count_stride(stride);
  return stride;
}

// ---- windows

Window RandomLayers::any_window(std::int64_t stride) {
  Window window;
  window.kernel = random_.chance(0.1) ? 7 : random_.number(1, 5);
  window.stride = stride;
  window.dilation = random_.chance(0.25) ? random_.number(2, 4) : 1;
  // Now and then more padding than the window needs: rows that come from the padding alone.
  const std::int64_t most = random_.chance(0.05) ? window.extent() + 1 : window.extent() / 2;
  window.pad_before = random_.number(0, most);
  window.pad_after = random_.chance(0.7) ? window.pad_before : random_.number(0, most);
  return window;
}

Windows RandomLayers::any_windows(std::int64_t stride) {
  const Window y = any_window(stride);
  Window x = random_.chance(0.6) ? y : any_window(stride);
  if (random_.chance(0.1)) x.stride = 1;
  return {y, x};
}

Window RandomLayers::pool_window(std::int64_t stride, std::int64_t dilation) {
  Window window;
  window.stride = stride;
  window.kernel = std::max<std::int64_t>(2, random_.number(stride, stride + 2));
  window.dilation = dilation;
  window.pad_before = random_.number(0, window.kernel / 2);
  window.pad_after = window.pad_before;
  return window;
}

Window RandomLayers::transposed_window() {
  const std::int64_t most = can_grow(3) ? 3 : can_grow(2) ? 2 : 1;
  Window window;
  window.stride = random_.number(1, most);
  // A kernel below the stride leaves rows that come from the bias alone; they carry no change.
  window.kernel = random_.number(positive_ ? window.stride : 1, window.stride + 3);
  if (!positive_ && random_.chance(0.1)) window.dilation = 2;
  window.pad_before = random_.number(0, (window.kernel - 1) / 2);
  window.pad_after =
      random_.chance(0.8) ? window.pad_before : random_.number(0, (window.kernel - 1) / 2);
  window.adjustment = random_.chance(0.3) ? random_.number(0, window.stride - 1) : 0;
  return window;
}

// ---- layers

void RandomLayers::maybe_clamp() {
  if (!random_.chance(0.3)) return;
  static constexpr std::array kClamps = {OutputClamp{0, kInfinity}, OutputClamp{0, 6},
                                         OutputClamp{-1, 1}, OutputClamp{-kInfinity, 0.5F}};
  builder_.clamp_last(positive_ ? kClamps[0] : random_.pick(kClamps));
}

void RandomLayers::add_convolution() {
  const std::int64_t groups = channels() % 2 == 0 && random_.chance(0.3) ? 2 : 1;
  const std::int64_t out = random_.number(1, kMostChannels / groups) * groups;
  value_ = builder_.convolution(value_, any_windows(stride_to_take()), out, groups);
  maybe_clamp();
}

void RandomLayers::add_depthwise() {
  const std::int64_t multiplier = channels() * 2 <= kMostChannels ? random_.number(1, 2) : 1;
  Windows windows = any_windows(stride_to_take());
  // Of one pixel and padded it is refused by streams: refused_layers has it.
  if (windows.y.kernel * windows.x.kernel == 1) {
    for (Window* window : {&windows.y, &windows.x}) window->pad_before = window->pad_after = 0;
  }
  value_ = builder_.depthwise(value_, windows, multiplier);
  maybe_clamp();
}

void RandomLayers::add_max_pool() {
  const std::int64_t stride = stride_to_take();
  const std::int64_t dilation = random_.chance(0.2) ? random_.number(2, 3) : 1;
  const Window y = pool_window(stride, dilation);
  const Window x = random_.chance(0.6) ? y : pool_window(stride, dilation);
  const Windows padded{up_to_the_end(y, rows()), up_to_the_end(x, columns())};
  // Where both ends are padded alike, the file does not tell ceil_mode.
  const bool shows = padded != Windows{y, x};
  if (shows && random_.chance(0.5)) {
    value_ = builder_.max_pool(value_, padded, true);
  } else {
    value_ = builder_.max_pool(value_, {y, x});
  }
}

void RandomLayers::add_avg_pool() {
  const std::int64_t stride = stride_to_take();
  value_ = builder_.avg_pool(value_, {pool_window(stride, 1), pool_window(stride, 1)});
}

void RandomLayers::add_transposed() {
  const Window y = transposed_window();
  const Window x = random_.chance(0.8) ? y : transposed_window();
  const std::int64_t groups = channels() % 2 == 0 && random_.chance(0.3) ? 2 : 1;
  value_ = builder_.transposed_convolution(value_, {y, x}, 2 * groups, groups);
  maybe_clamp();
}

void RandomLayers::add_bilinear() {
  // Where a position is a whole row, the next one is mixed in with the weight 0: no change of it
  // shows.
  const bool plain = positive_ || plain_resizes_;
  const bool one_axis = !positive_ && random_.chance(0.2);
  const bool align_corners = !plain && random_.chance(0.3);
  const auto resize = [&](Ratio by) {
    value_ = builder_.bilinear(value_, by, one_axis ? Ratio{1, 1} : by, align_corners);
  };
  for (const std::int64_t by : {std::int64_t{4}, std::int64_t{3}, std::int64_t{2}}) {
    if (plain && by == 3) continue;
    if (divisible(by) && can_shrink(by) && random_.chance(by == 2 ? 0.5 : 0.2)) {
      count_stride(by);
      return resize({!plain && by == 2 && random_.chance(0.3) ? 3 : 1, by});
    }
  }
  for (const std::int64_t by : {std::int64_t{4}, std::int64_t{3}}) {
    if (plain && by == 3) continue;
    if (can_grow(by) && random_.chance(0.2)) return resize({by, 1});
  }
  if (can_grow(2)) resize({2, 1});
}

void RandomLayers::add_shuffle() {
  const std::int64_t factor = random_.chance(0.25) ? 3 : 2;
  if (!can_grow(factor)) return;
  const std::int64_t channels = factor * factor * random_.number(1, factor == 2 ? 2 : 1);
  value_ = builder_.pixel_shuffle(builder_.convolution(value_, same_windows(3), channels), factor);
}

void RandomLayers::add_unshuffle() {
  const std::int64_t factor = random_.chance(0.25) ? 3 : 2;
  if (!divisible(factor) || !can_shrink(factor)) return;
  count_stride(factor);
  const ValueId parts = builder_.pixel_unshuffle(value_, factor);
  value_ = builder_.convolution(parts, same_windows(1), random_.number(1, kMostChannels));
}

// A softmax may hide a change.
void RandomLayers::add_windows() {
  const std::int64_t side = random_.number(2, 4);
  if (positive_ || !divisible(side) || !can_shrink(side)) return;
  count_stride(side);
  value_ = builder_.window_attention(value_, side);
}

void RandomLayers::add_pad() {
  const auto window = [&] {
    Window side;
    side.pad_before = random_.number(0, 3);
    side.pad_after = random_.number(0, 3);
    return side;
  };
  const float value = positive_ ? 0.5F : random_.pick(std::array{0.0F, 0.5F, -1.25F});
  const Window y = window();
  const Window x = window();
  const bool grows = random_.chance(0.2) && channels() + 2 <= kMostChannels;
  value_ = builder_.pad(value_, y, x, value, grows ? random_.number(1, 2) : 0);
}

void RandomLayers::add_drop() {
  const std::int64_t rows = random_.number(0, 3);
  const std::int64_t columns = random_.number(0, 3);
  value_ = random_.chance(0.5) ? builder_.drop_first(value_, rows, columns)
                               : builder_.drop_last(value_, rows, columns);
}

// Of the whole image: joined with each pixel, as it is or through the two layers of a
// squeeze-excite. A change of it would show everywhere.
void RandomLayers::add_statistic() {
  if (positive_) return;
  const bool of_squares = random_.chance(0.3);
  ValueId gate = builder_.mean(of_squares ? builder_.unary(value_, "XNNSquare") : value_);
  if (random_.chance(0.6)) {
    gate = builder_.relu(builder_.convolution(gate, same_windows(1), random_.number(1, 3)));
    gate = builder_.convolution(gate, same_windows(1), channels());
    gate = builder_.unary(gate, random_.chance(0.5) ? "XNNSigmoid" : "XNNTanh");
  }
  if (random_.chance(0.3) && 2 * channels() <= kMostChannels) {
    value_ = builder_.concat(builder_.spread(value_, gate), value_);
  } else {
    static const std::array<std::string, 3> kJoins = {"XNNAdd", "XNNSubtract", "XNNMultiply"};
    value_ = builder_.binary(value_, gate, random_.pick(kJoins));
  }
}

void RandomLayers::add_same_size() {
  const Window pool{3, 1, 1, 1, 1, 0};
  if (random_.chance(0.15)) {
    value_ = builder_.max_pool(value_, {pool, pool});
  } else if (random_.chance(0.15)) {
    value_ = builder_.avg_pool(value_, {pool, pool});
  } else if (random_.chance(0.2)) {
    value_ = builder_.depthwise(value_, same_windows(2 * random_.number(1, 2) + 1), 1);
  } else {
    const Windows windows = same_windows(2 * random_.number(0, 2) + 1, random_.number(1, 2));
    value_ = builder_.convolution(value_, windows, random_.number(1, kMostChannels));
    maybe_clamp();
  }
}

// ---- pointwise

void RandomLayers::add_constant() {
  if (positive_) {
    value_ = builder_.times_constant(value_);
    return;
  }
  static const std::array<std::string, 6> kOps = {"XNNAdd",     "XNNSubtract", "XNNMultiply",
                                                  "XNNMinimum", "XNNMaximum",  "XNNPReLU"};
  const std::string& op = random_.pick(kOps);
  const std::array<std::vector<std::int64_t>, 4> dims = {
      std::vector<std::int64_t>{1}, {1, 1, 1, 1}, {channels()}, {1, 1, 1, channels()}};
  // PReLU's slopes are one a channel and stand behind.
  const bool slopes = op == "XNNPReLU";
  value_ = builder_.with_constant(value_, op, slopes ? dims[3] : random_.pick(dims),
                                  !slopes && random_.chance(0.3));
}

// Functions whose results stay small enough for any value that a network of this size makes.
void RandomLayers::add_function() {
  static const std::array<std::string, 15> kOps = {
      "XNNSigmoid", "XNNTanh", "XNNHardswish", "XNNAbs",     "XNNNegate",
      "XNNGelu",    "XNNSin",  "XNNCos",       "XNNCeiling", "XNNFloor",
      "XNNSquare",  "XNNCopy", "XNNSoftmax",   "XNNELU",     "XNNLeakyReLU"};
  const std::string& op = random_.pick(kOps);
  value_ = builder_.unary(value_, op, function_attributes(op));
}

// Of numbers above zero, or below one.
void RandomLayers::add_safe_function() {
  if (random_.chance(0.3)) {
    value_ = builder_.unary(builder_.unary(value_, "XNNTanh"), "XNNExp");
    return;
  }
  static const std::array<std::string, 3> kOps = {"XNNSquareRoot", "XNNReciprocalSquareRoot",
                                                  "XNNLog"};
  const ValueId above_zero = builder_.unary(builder_.unary(value_, "XNNSigmoid"), "XNNExp");
  value_ = builder_.unary(above_zero, random_.pick(kOps));
}

void RandomLayers::add_pointwise() {
  if (positive_) {
    if (random_.chance(0.4)) value_ = builder_.relu(value_);
    if (random_.chance(0.2)) value_ = builder_.unary(value_, "XNNLeakyReLU", LeakyRelu{0.1F});
  } else {
    if (random_.chance(0.4)) add_function();
    if (random_.chance(0.1)) add_safe_function();
  }
  if (random_.chance(0.2)) add_constant();
  if (channels() > 2 && random_.chance(0.15)) {
    // Mixed before, so that no branch is dropped as a whole.
    const ValueId mixed = builder_.convolution(value_, same_windows(1), channels());
    value_ = builder_.keep_channels(mixed, 1, builder_.channels(mixed) - 1);
  }
}

}  // namespace sectile::internal::test
