#include "src/run/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sectile::internal {

namespace {

Status check(const std::vector<double>& numbers, const char* name, std::size_t channels) {
  if (!numbers.empty() && numbers.size() != 1 && numbers.size() != channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] {} has {} numbers for an image of {} bands: give 1 or {}", name,
                            numbers.size(), channels, channels));
  }
  if (!std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); })) {
    return fail(ErrorCode::invalid_argument, fmt::format("[run] {} must be finite", name));
  }
  return {};
}

double number_for(const std::vector<double>& numbers, std::size_t channel, double otherwise) {
  if (numbers.empty()) return otherwise;
  return numbers.size() == 1 ? numbers[0] : numbers[channel];
}

}  // namespace

Result<std::vector<BandScaling>> band_scalings(const InputScaling& input, const ImageInfo& image,
                                               const InputParts& parts) {
  const auto places = band_places(parts, image.bands);
  const std::size_t channels = places.back().channel + 1;
  if (auto status = check(input.mean, "input mean", channels); !status) {
    return fail(status.error());
  }
  if (auto status = check(input.std, "input std", channels); !status) return fail(status.error());
  if (std::ranges::find(input.std, 0.0) != input.std.end()) {
    return fail(ErrorCode::invalid_argument, "[run] an input std of 0 divides by zero");
  }
  if (input.scale && !std::isfinite(*input.scale)) {
    return fail(ErrorCode::invalid_argument, "[run] input scale must be finite");
  }
  std::vector<BandScaling> scalings;
  for (const BandPlace& place : places) {
    scalings.push_back({input.scale.value_or(1.0 / maximum_of(image.pixel_type)),
                        number_for(input.mean, place.channel, 0),
                        number_for(input.std, place.channel, 1)});
  }
  return scalings;
}

void apply_scaling(const BandScaling& scaling, std::span<const float> pixels,
                   std::span<float> values) {
  if (scaling.identity()) {
    std::ranges::copy(pixels, values.begin());
    return;
  }
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double scaled = static_cast<double>(pixels[i]) * scaling.scale;
    values[i] = static_cast<float>((scaled - scaling.mean) / scaling.std);
  }
}

}  // namespace sectile::internal
