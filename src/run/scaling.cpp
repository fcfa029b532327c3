#include "src/run/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sectile {

namespace {

Status check(const std::vector<double>& numbers, const char* name, int bands) {
  if (!numbers.empty() && numbers.size() != 1 &&
      numbers.size() != static_cast<std::size_t>(bands)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] {} has {} numbers for an image of {} bands: give 1 or {}", name,
                            numbers.size(), bands, bands));
  }
  if (!std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); })) {
    return fail(ErrorCode::invalid_argument, fmt::format("[run] {} must be finite", name));
  }
  return {};
}

double number_for(const std::vector<double>& numbers, std::size_t band, double otherwise) {
  if (numbers.empty()) return otherwise;
  return numbers.size() == 1 ? numbers[0] : numbers[band];
}

}  // namespace

Result<std::vector<BandScaling>> band_scalings(const InputScaling& input, const ImageInfo& image) {
  if (auto status = check(input.mean, "input mean", image.bands); !status)
    return fail(status.error());
  if (auto status = check(input.std, "input std", image.bands); !status)
    return fail(status.error());
  if (std::ranges::find(input.std, 0.0) != input.std.end()) {
    return fail(ErrorCode::invalid_argument, "[run] an input std of 0 divides by zero");
  }
  if (input.scale && !std::isfinite(*input.scale)) {
    return fail(ErrorCode::invalid_argument, "[run] input scale must be finite");
  }
  std::vector<BandScaling> scalings(static_cast<std::size_t>(image.bands));
  for (std::size_t band = 0; band < scalings.size(); ++band) {
    scalings[band] = {input.scale.value_or(1.0 / maximum_of(image.pixel_type)),
                      number_for(input.mean, band, 0), number_for(input.std, band, 1)};
  }
  return scalings;
}

void apply(const BandScaling& scaling, std::span<const float> pixels, std::span<float> values) {
  if (scaling.identity()) {
    std::ranges::copy(pixels, values.begin());
    return;
  }
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double scaled = static_cast<double>(pixels[i]) * scaling.scale;
    values[i] = static_cast<float>((scaled - scaling.mean) / scaling.std);
  }
}

}  // namespace sectile
