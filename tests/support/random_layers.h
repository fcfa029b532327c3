// RandomLayers: one random layer after another, behind a value of a graph that grows.
//
// Thread safety: for one thread.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "tests/support/graph_builder.h"

namespace sectile::internal::test {

// The same numbers on every machine, which <random>'s distributions do not promise.
class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(double probability) {
    return static_cast<double>(engine_() % 1000) < 1000 * probability;
  }
  template <typename T, std::size_t n>
  const T& pick(const std::array<T, n>& choices) {
    return choices[static_cast<std::size_t>(number(0, n - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

// Keeps rows and columns. REQUIRES: an odd kernel.
Windows same_windows(std::int64_t kernel, std::int64_t dilation = 1);

// As a maximum pool's in ceil_mode over so many rows: with as much padding at the end as one more
// window needs, where some rows are left and it begins before the padding.
Window up_to_the_end(Window window, std::int64_t rows);

class RandomLayers {
 public:
  static constexpr std::int64_t kMostChannels = 6;

  // With `positive`, only layers that carry every change of their input forward.
  RandomLayers(RandomNumbers& random, GraphBuilder& builder, bool positive, bool plain_resizes)
      : random_(random),
        builder_(builder),
        positive_(positive),
        plain_resizes_(plain_resizes),
        value_(builder.image()) {}

  ValueId value() const { return value_; }
  void continue_from(ValueId value) { value_ = value; }

  // ---- what the value allows
  std::int64_t rows() const { return builder_.shape(value_).length(Axis::y); }
  std::int64_t columns() const { return builder_.shape(value_).length(Axis::x); }
  std::int64_t channels() const { return builder_.channels(value_); }
  bool divisible(std::int64_t by) const { return rows() % by == 0 && columns() % by == 0; }
  // Enough rows are left behind a stride of `by`, and the grid stays small.
  bool can_shrink(std::int64_t by) const;
  bool can_grow(std::int64_t by) const;
  void count_stride(std::int64_t stride) { shrunk_ *= stride; }

  // ---- layers; one that the value does not allow adds nothing
  void add_convolution();
  void add_depthwise();
  void add_max_pool();
  void add_avg_pool();
  void add_transposed();
  void add_bilinear();
  void add_shuffle();
  void add_unshuffle();
  void add_windows();
  void add_pad();
  void add_drop();
  void add_statistic();
  void add_constant();  // arithmetic with numbers, one for all or one a channel
  void add_pointwise();
  // A convolution or a pooling that keeps rows and columns.
  void add_same_size();

 private:
  Window any_window(std::int64_t stride);
  Windows any_windows(std::int64_t stride);
  Window pool_window(std::int64_t stride, std::int64_t dilation);
  Window transposed_window();
  std::int64_t stride_to_take();
  void maybe_clamp();  // the last layer's output, as exporters do with a ReLU behind it
  void add_function();
  void add_safe_function();

  RandomNumbers& random_;
  GraphBuilder& builder_;
  bool positive_;
  bool plain_resizes_;
  ValueId value_;
  std::int64_t shrunk_ = 1;  // product of all strides so far: a bound of the grid
};

}  // namespace sectile::internal::test
