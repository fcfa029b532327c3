// After ExecuTorch's portable kernels op_native_batch_norm and op_native_group_norm: the same
// operations in the same order. src/session/probe_statistics.cpp compares the bits.
#include "src/runtime/normalize.h"

#include <cmath>
#include <cstddef>
#include <vector>

namespace sectile::internal {

namespace {

// ---- instance norm: all in f32, but for the root

class InstanceNorm {
 public:
  InstanceNorm(double epsilon, const Moments& moments, std::span<const float> weights,
               std::span<const float> biases)
      : weights_(weights), biases_(biases) {
    const auto pixels = static_cast<float>(moments.pixels);
    for (std::size_t c = 0; c < weights.size(); ++c) {
      const float mean = moments.sums[c] / pixels;
      const float variance = moments.squares[c] / pixels - mean * mean;
      means_.push_back(mean);
      roots_.push_back(static_cast<float>(1.0 / std::sqrt(variance + epsilon)));
    }
  }
  float operator()(std::size_t c, float value) const {
    return (value - means_[c]) * roots_[c] * weights_[c] + biases_[c];
  }

 private:
  std::span<const float> weights_;
  std::span<const float> biases_;
  std::vector<float> means_;
  std::vector<float> roots_;
};

// ---- group norm of one channel a group: in f64

struct Deviation {
  double mean = 0;
  double inverse = 0;
};

Deviation deviation_of(double epsilon, const Moments& moments, std::size_t c) {
  const auto pixels = static_cast<double>(moments.pixels);
  const double mean = static_cast<double>(moments.sums[c]) / pixels;
  const double variance = static_cast<double>(moments.squares[c]) / pixels - mean * mean;
  return {mean, 1.0 / std::sqrt(variance + epsilon)};
}

class GroupNorm {
 public:
  GroupNorm(double epsilon, const Moments& moments, std::span<const float> weights,
            std::span<const float> biases) {
    for (std::size_t c = 0; c < weights.size(); ++c) {
      const Deviation deviation = deviation_of(epsilon, moments, c);
      factors_.push_back(deviation.inverse * static_cast<double>(weights[c]));
      terms_.push_back(-factors_.back() * deviation.mean + static_cast<double>(biases[c]));
    }
  }
  float operator()(std::size_t c, float value) const {
    return static_cast<float>(factors_[c] * static_cast<double>(value) + terms_[c]);
  }

 private:
  std::vector<double> factors_;
  std::vector<double> terms_;
};

class GroupNormWithoutWeights {
 public:
  GroupNormWithoutWeights(double epsilon, const Moments& moments, std::span<const float> weights,
                          std::span<const float>) {
    for (std::size_t c = 0; c < weights.size(); ++c) {
      deviations_.push_back(deviation_of(epsilon, moments, c));
    }
  }
  float operator()(std::size_t c, float value) const {
    const auto& [mean, inverse] = deviations_[c];
    return static_cast<float>((static_cast<double>(value) - mean) * inverse);
  }

 private:
  std::vector<Deviation> deviations_;
};

template <typename Norm>
void apply(const Norm& norm, std::size_t channels, std::span<const float> input,
           std::span<float> output) {
  const std::size_t pixels = input.size() / channels;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      output[i * channels + c] = norm(c, input[i * channels + c]);
    }
  }
}

}  // namespace

void normalize(const Normalization& norm, std::span<const float> moments,
               std::span<const float> weights, std::span<const float> biases,
               std::span<const float> input, std::span<float> output) {
  const Moments known(moments);
  const std::size_t channels = weights.size();
  switch (norm.kernel) {
    case Normalization::Kernel::instance_norm:
      return apply(InstanceNorm(norm.epsilon, known, weights, biases), channels, input, output);
    case Normalization::Kernel::group_norm:
      return apply(GroupNorm(norm.epsilon, known, weights, biases), channels, input, output);
    case Normalization::Kernel::group_norm_without_weights:
      return apply(GroupNormWithoutWeights(norm.epsilon, known, weights, biases), channels, input,
                   output);
  }
}

}  // namespace sectile::internal
