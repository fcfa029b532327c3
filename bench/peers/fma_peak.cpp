// Prints how many 32-bit floating-point operations one core does in a second at most, in GFLOP/s:
// fused multiply-adds on registers as wide as the machine's, in as many independent chains as hide
// their latency. The best of many short measurements.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kVectorBytes)));

constexpr int kChains = 12;
constexpr int kLanes = kVectorBytes / 4;
constexpr int kSteps = 4'000'000;
constexpr int kMeasurements = 40;

// Every chain starts elsewhere, or the compiler would see that they are one; `factor` and `term`
// come from outside, so that nothing is computed before the program runs.
double gflop_per_second(float factor, float term) {
  std::array<Vector, kChains> sums{};
  for (int chain = 0; chain < kChains; ++chain) sums[chain] += static_cast<float>(chain) * factor;
  const auto start = std::chrono::steady_clock::now();
  for (int step = 0; step < kSteps; ++step) {
    for (Vector& sum : sums) sum = sum * factor + term;
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  Vector total{};
  for (const Vector& sum : sums) total += sum;
  volatile float used = total[0];
  (void)used;
  return 2.0 * kSteps * kChains * kLanes / time.count() / 1e9;
}

}  // namespace

int main(int argc, char**) {
  const float factor = argc > 1 ? 0.25F : 0.5F;
  double best = 0;
  for (int i = 0; i < kMeasurements; ++i) best = std::max(best, gflop_per_second(factor, 1.0F));
  std::printf("%.1f %d\n", best, kVectorBytes * 8);
}
