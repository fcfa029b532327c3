#include "src/run/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "src/base/count_text.h"

namespace sectile::internal {

namespace {

Status check(const std::vector<double>& numbers, const char* name, std::size_t channels) {
  if (!numbers.empty() && numbers.size() != 1 && numbers.size() != channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] {} has {} numbers for an image of {}: give 1{}", name,
                            numbers.size(), count_text(static_cast<std::int64_t>(channels), "band"),
                            channels == 1 ? "" : fmt::format(" or {}", channels)));
  }
  if (!std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); })) {
    return fail(ErrorCode::invalid_argument, fmt::format("[run] {} must be finite", name));
  }
  return {};
}

double input_scale(const InputScaling& input, const ImageInfo& image) {
  return input.scale.value_or(1.0 / maximum_of(image.pixel_type, image.bits));
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
  if (auto status = check(input.fill, "the fill of nodata", channels); !status) {
    return fail(status.error());
  }
  if (std::ranges::find(input.std, 0.0) != input.std.end()) {
    return fail(ErrorCode::invalid_argument, "[run] an input std of 0 divides by zero");
  }
  if (input.scale && !std::isfinite(*input.scale)) {
    return fail(ErrorCode::invalid_argument, "[run] input scale must be finite");
  }
  std::vector<BandScaling> scalings;
  for (const BandPlace& place : places) {
    scalings.push_back({input_scale(input, image), number_for(input.mean, place.channel, 0),
                        number_for(input.std, place.channel, 1),
                        static_cast<float>(number_for(input.fill, place.channel, 0))});
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

Result<std::vector<OutputFactors>> output_factors(const OutputScaling& scaling,
                                                  const ImageInfo& output) {
  const auto bands = static_cast<std::size_t>(output.bands);
  const auto& [scales, offsets] = scaling;
  if (auto status = check(scales, "output scale", bands); !status) return fail(status.error());
  if (auto status = check(offsets, "output offset", bands); !status) return fail(status.error());
  const double most = maximum_of(output.pixel_type, output.bits);
  std::vector<OutputFactors> factors;
  for (std::size_t band = 0; band < bands; ++band) {
    factors.push_back({number_for(scales, band, most), number_for(offsets, band, 0)});
  }
  return factors;
}

void apply_factors(const OutputFactors& factors, std::span<float> values) {
  const auto [scale, offset] = factors;
  if (scale == 1 && offset == 0) return;
  for (float& value : values) {
    value = static_cast<float>(static_cast<double>(value) * scale + offset);
  }
}

}  // namespace sectile::internal

namespace sectile {

using namespace internal;

// value = (pixel * scale - mean) / std, so pixel = value * std / scale + mean / scale.
OutputScaling to_input_units(const InputScaling& input, const ImageInfo& image) {
  const double scale = input_scale(input, image);
  const std::size_t channels = std::max(input.mean.size(), input.std.size());
  OutputScaling output;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, channels); ++i) {
    output.scale.push_back(number_for(input.std, i, 1) / scale);
    output.offset.push_back(number_for(input.mean, i, 0) / scale);
  }
  return output;
}

}  // namespace sectile
