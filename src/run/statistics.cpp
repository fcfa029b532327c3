#include "src/run/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/flushed_denormals.h"

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

// XNNPACK has one sum for each channel, to which it adds the pixels in their order.
// Source: its kernels f32-rdsum and f32-rdsum2.
template <std::size_t kChannels, typename Add>
[[gnu::always_inline]] inline void add_channels(float* sums, const float* pixels, std::size_t count,
                                                Add add) {
  std::array<float, kChannels> held;
  std::copy_n(sums, kChannels, held.begin());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < kChannels; ++c) held[c] = add(held[c], pixels[c * count + i]);
  }
  std::copy_n(held.begin(), kChannels, sums);
}

template <typename Add>
[[gnu::always_inline]] inline void add_all(std::span<float> sums, const float* pixels,
                                           std::size_t count, Add add) {
  std::size_t c = 0;
  for (; c + kSideBySide <= sums.size(); c += kSideBySide) {
    add_channels<kSideBySide>(&sums[c], pixels + c * count, count, add);
  }
  for (; c < sums.size(); ++c) add_channels<1>(&sums[c], pixels + c * count, count, add);
}

// A function of its own, as the processor's own instruction is many times faster than the library's.
#if defined(__x86_64__)
[[gnu::target("fma")]]
#endif
void add_squares_at_once(std::span<float> sums, const float* pixels, std::size_t count) {
  add_all(sums, pixels, count, AddSquareAtOnce{});
}

}  // namespace

Summation::Summation(Statistic kind, std::int64_t channels, SquareRounding rounding)
    : kind_(kind), rounding_(rounding), sums_(static_cast<std::size_t>(channels), 0.0F) {}

void Summation::add(std::span<const float> pixels) {
  if (pixels.empty()) return;
  const FlushedDenormals flushed;
  const std::size_t count = pixels.size() / sums_.size();
  if (kind_ == Statistic::mean) {
    add_all(sums_, pixels.data(), count, AddValue{});
  } else if (rounding_ == SquareRounding::twice) {
    add_all(sums_, pixels.data(), count, AddSquare{});
  } else {
    add_squares_at_once(sums_, pixels.data(), count);
  }
  pixels_ += static_cast<std::int64_t>(count);
}

std::vector<float> Summation::values() const {
  const FlushedDenormals flushed;
  const float share = 1.0F / static_cast<float>(pixels_);
  std::vector<float> means;
  for (const float sum : sums_) means.push_back(0.0F + sum * share);
  return means;
}

}  // namespace sectile::internal
