#include "src/run/output_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace sectile::internal {

namespace {

// Not-a-number is larger than all numbers.
bool is_larger(float value, float than) { return !(value <= than) && !std::isnan(than); }

// The first plane becomes the classes. Some pixels at a time, so that their values are read before.
void take_largest(std::span<float> values, std::size_t bands) {
  constexpr std::size_t kMostPixels = 2048;
  std::array<float, kMostPixels> largest{};
  const std::size_t area = values.size() / bands;
  for (std::size_t begin = 0; begin < area; begin += kMostPixels) {
    const std::size_t count = std::min(kMostPixels, area - begin);
    float* classes = values.data() + begin;
    std::copy_n(classes, count, largest.begin());
    std::fill_n(classes, count, 0.0F);
    for (std::size_t band = 1; band < bands; ++band) {
      const float* next = values.data() + band * area + begin;
      for (std::size_t i = 0; i < count; ++i) {
        const bool larger = is_larger(next[i], largest[i]);
        largest[i] = larger ? next[i] : largest[i];
        classes[i] = larger ? static_cast<float>(band) : classes[i];
      }
    }
  }
}

// The largest value is taken away from all of a pixel's: that changes no share, and no exponential
// is beyond all numbers.
void take_shares(std::span<float> values, std::size_t bands) {
  std::vector<double> exponentials(bands);
  const std::size_t area = values.size() / bands;
  for (std::size_t i = 0; i < area; ++i) {
    float largest = values[i];
    for (std::size_t band = 1; band < bands; ++band) {
      const float value = values[band * area + i];
      if (is_larger(value, largest)) largest = value;
    }
    double sum = 0;
    for (std::size_t band = 0; band < bands; ++band) {
      const double value = values[band * area + i];
      exponentials[band] = std::exp(value - static_cast<double>(largest));
      sum += exponentials[band];
    }
    for (std::size_t band = 0; band < bands; ++band) {
      values[band * area + i] = static_cast<float>(exponentials[band] / sum);
    }
  }
}

void take_sigmoids(std::span<float> values) {
  for (float& value : values) {
    value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
  }
}

void take_kind(OutputKind kind, std::span<float> values, std::size_t bands) {
  switch (kind) {
    case OutputKind::values:
      return;
    case OutputKind::argmax:
      return take_largest(values, bands);
    case OutputKind::softmax:
      return take_shares(values, bands);
    case OutputKind::sigmoid:
      return take_sigmoids(values);
  }
}

bool makes_labels(const PlanData& plan) {
  return plan.output_kind == OutputKind::argmax || plan.threshold;
}

// Options of a format may leave a file fewer bits than its pixels' type has.
Status check_labels(const PlanData& plan, const OutputScaling& scaling, const ImageInfo& output) {
  const bool is_map = plan.output_kind == OutputKind::argmax;
  if (!scaling.scale.empty() || !scaling.offset.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] {} written as they are: an output scale or offset does not go "
                            "with them",
                            is_map ? "numbers of classes are" : "the 0 and 1 of a threshold are"));
  }
  const auto most = static_cast<std::int64_t>(maximum_of(output.pixel_type, output.bits));
  if (!is_map || plan.network_bands - 1 <= most) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[run] the network has {} classes and the output's pixels of {} bits hold "
                  "{}: give it more bits",
                  plan.network_bands, output.bits, most + 1));
}

}  // namespace

Result<OutputValues> OutputValues::create(const PlanData& plan, const OutputScaling& scaling,
                                          const ImageInfo& output) {
  OutputValues made;
  made.kind_ = plan.output_kind;
  made.network_bands_ = static_cast<std::size_t>(plan.network_bands);
  made.output_bands_ = static_cast<std::size_t>(output.bands);
  if (plan.threshold) made.threshold_ = static_cast<float>(*plan.threshold);
  if (makes_labels(plan)) {
    if (auto status = check_labels(plan, scaling, output); !status) return fail(status.error());
    return made;
  }
  auto factors = output_factors(scaling, output);
  if (!factors) return fail(factors.error());
  made.factors_ = std::move(*factors);
  return made;
}

std::span<const float> OutputValues::to_pixels(std::span<float> values) const {
  const std::size_t area = values.size() / network_bands_;
  take_kind(kind_, values, network_bands_);
  if (threshold_) {
    for (float& value : values) value = value >= *threshold_ ? 1.0F : 0.0F;
  }
  for (std::size_t band = 0; band < factors_.size(); ++band) {
    apply_factors(factors_[band], values.subspan(band * area, area));
  }
  return values.first(output_bands_ * area);
}

}  // namespace sectile::internal
