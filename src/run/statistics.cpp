#include "src/run/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "src/base/flushed_denormals.h"
#include "src/base/moments.h"

namespace sectile::internal {

namespace {

// Channels that are added up side by side: each waits for its own sum alone.
constexpr std::size_t kSideBySide = 8;

struct AddValue {
  float operator()(float sum, float value) const { return sum + value; }
};
struct AddSquare {
  float operator()(float sum, float value) const { return sum + value * value; }
};
struct AddSquareAtOnce {
  float operator()(float sum, float value) const { return std::fma(value, value, sum); }
};
// A number that is none stays.
struct Larger {
  float operator()(float most, float value) const {
    return std::isnan(value) || value > most ? value : most;
  }
};
struct Smaller {
  float operator()(float least, float value) const {
    return std::isnan(value) || value < least ? value : least;
  }
};

// Some pixels of an image, channel after channel.
struct Pixels {
  std::span<const float> values;
  std::size_t count = 0;  // of each channel
  std::size_t first = 0;  // those before it are left out
};

// One sum for each channel, to which its pixels are added in their order.
// Source: XNNPACK's kernels f32-rdsum and f32-rdsum2, ExecuTorch's reduce_util.h and vec_ops.h.
template <std::size_t kChannels, typename Add>
[[gnu::always_inline]] inline void add_channels(float* sums, const float* values,
                                                const Pixels& pixels, Add add) {
  std::array<float, kChannels> held;
  std::copy_n(sums, kChannels, held.begin());
  for (std::size_t i = pixels.first; i < pixels.count; ++i) {
    for (std::size_t c = 0; c < kChannels; ++c) {
      held[c] = add(held[c], values[c * pixels.count + i]);
    }
  }
  std::copy_n(held.begin(), kChannels, sums);
}

template <typename Add>
[[gnu::always_inline]] inline void add_all(std::span<float> sums, const Pixels& pixels, Add add) {
  const float* values = pixels.values.data();
  std::size_t c = 0;
  for (; c + kSideBySide <= sums.size(); c += kSideBySide) {
    add_channels<kSideBySide>(&sums[c], values + c * pixels.count, pixels, add);
  }
  for (; c < sums.size(); ++c) add_channels<1>(&sums[c], values + c * pixels.count, pixels, add);
}

#if defined(__x86_64__)
// The processor's instruction, where it has one, is many times faster than the library's.
[[gnu::target("fma")]] void add_squares_by_instruction(std::span<float> sums,
                                                       const Pixels& pixels) {
  add_all(sums, pixels, AddSquareAtOnce{});
}
#endif

void add_squares_at_once(std::span<float> sums, const Pixels& pixels) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) return add_squares_by_instruction(sums, pixels);
#endif
  add_all(sums, pixels, AddSquareAtOnce{});
}

bool is_moments(Statistic kind) { return kind == Statistic::moments; }

// Those of ExecuTorch's own kernels begin with the first pixel instead of with 0.
bool begins_with_first(Statistic kind) {
  return kind == Statistic::kernel_mean || kind == Statistic::kernel_sum ||
         kind == Statistic::largest || kind == Statistic::least;
}

bool is_order_free(Statistic kind) {
  return kind == Statistic::largest || kind == Statistic::least;
}

bool flushes_denormals(Statistic kind) {
  return kind == Statistic::mean || kind == Statistic::pool || kind == Statistic::mean_of_squares;
}

// Nine at a time, column after column.
// Source: XNNPACK's kernels f32-avgpool-9p-minmax and its indirection buffer for pools.
float sum_of_pool(std::span<const float> pixels, std::size_t width) {
  constexpr std::size_t kAtOnce = 9;
  const std::size_t height = pixels.size() / width;
  float sum = 0;
  std::array<float, kAtOnce> v{};
  std::size_t held = 0;
  const auto add_held = [&] {
    sum += ((v[2] + v[3]) + (v[4] + v[5])) + (((v[0] + v[1]) + v[8]) + (v[6] + v[7]));
    v.fill(0);
    held = 0;
  };
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y) {
      if (held == kAtOnce) add_held();
      v[held++] = pixels[y * width + x];
    }
  }
  add_held();
  return sum;
}

}  // namespace

Summation::Summation(Statistic kind, std::int64_t channels, std::int64_t width,
                     Arithmetic arithmetic)
    : kind_(kind),
      arithmetic_(arithmetic),
      channels_(static_cast<std::size_t>(channels)),
      width_(static_cast<std::size_t>(width)),
      sums_(is_moments(kind) ? 2 * channels_ : channels_, 0.0F) {
  if (is_order_free(kind)) arithmetic_.is_accurate = false;
  if (arithmetic_.is_accurate) accurate_.resize(sums_.size());
}

void Summation::add(std::span<const float> rows) {
  if (rows.empty()) return;
  const std::size_t count = rows.size() / channels_;
  const bool begins = pixels_ == 0 && begins_with_first(kind_);
  for (std::size_t c = 0; begins && c < channels_; ++c) sums_[c] = rows[c * count];
  if (arithmetic_.is_accurate) {
    add_accurately(rows);
  } else {
    std::optional<FlushedDenormals> flushed;
    if (flushes_denormals(kind_)) flushed.emplace();
    add_pixels(rows, begins ? 1 : 0);
  }
  pixels_ += static_cast<std::int64_t>(count);
}

// A row is added up by itself: rows come in strips of any height.
void Summation::add_accurately(std::span<const float> rows) {
  const std::size_t count = rows.size() / channels_;
  for (std::size_t c = 0; c < channels_; ++c) {
    for (std::size_t first = 0; first < count; first += width_) {
      double sum = 0;
      double squares = 0;
      for (const float value : rows.subspan(c * count + first, width_)) {
        sum += static_cast<double>(value);
        squares += static_cast<double>(value) * static_cast<double>(value);
      }
      accurate_[c].add(kind_ == Statistic::mean_of_squares ? squares : sum);
      if (is_moments(kind_)) accurate_[channels_ + c].add(squares);
    }
  }
}

std::vector<float> Summation::accurate_values() const {
  const bool is_mean = kind_ != Statistic::kernel_sum && !is_moments(kind_);
  const double pixels = is_mean ? static_cast<double>(pixels_) : 1;
  std::vector<float> values;
  for (const PairwiseSum& sum : accurate_) {
    values.push_back(static_cast<float>(sum.total() / pixels));
  }
  return values;
}

void Summation::add_pixels(std::span<const float> values, std::size_t first) {
  const Pixels pixels{values, values.size() / channels_, first};
  const std::span<float> sums(sums_);
  switch (kind_) {
    case Statistic::none:
      return;
    case Statistic::mean:
    case Statistic::kernel_mean:
    case Statistic::kernel_sum:
      return add_all(sums, pixels, AddValue{});
    case Statistic::pool:
      for (std::size_t c = 0; c < channels_; ++c) {
        sums_[c] = sum_of_pool(values.subspan(c * pixels.count, pixels.count), width_);
      }
      return;
    case Statistic::mean_of_squares:
      if (arithmetic_.rounding == SquareRounding::once) return add_squares_at_once(sums, pixels);
      return add_all(sums, pixels, AddSquare{});
    case Statistic::largest:
      return add_all(sums, pixels, Larger{});
    case Statistic::least:
      return add_all(sums, pixels, Smaller{});
    case Statistic::moments:
      add_all(sums.first(channels_), pixels, AddValue{});
      return add_all(sums.last(channels_), pixels, AddSquare{});
  }
}

std::vector<float> Summation::values() const {
  std::vector<float> values = arithmetic_.is_accurate ? accurate_values() : sums_;
  if (is_moments(kind_)) {
    const std::span<const float> sums(values);
    return Moments::join(sums.first(channels_), sums.last(channels_), pixels_);
  }
  if (arithmetic_.is_accurate) return values;
  if (flushes_denormals(kind_)) {
    const FlushedDenormals flushed;
    const float share = 1.0F / static_cast<float>(pixels_);
    for (float& value : values) value *= share;
    if (kind_ != Statistic::pool) {
      for (float& value : values) value += 0.0F;  // XNNPACK adds it to an output of zeros
    }
  } else if (kind_ == Statistic::kernel_mean) {
    for (float& value : values) value /= static_cast<float>(pixels_);
  }
  return values;
}

}  // namespace sectile::internal
