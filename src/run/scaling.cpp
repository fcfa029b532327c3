#include "src/run/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sectile::internal {

namespace {

Status check(const std::vector<double>& numbers, const char* name, std::size_t channels) {
  if (!numbers.empty() && numbers.size() != 1 && numbers.size() != channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[run] {} has {} numbers for an image of {} band{}: give 1{}", name,
                            numbers.size(), channels, channels == 1 ? "" : "s",
                            channels == 1 ? "" : fmt::format(" or {}", channels)));
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

// How far a value may lie from the number that it was rounded from, and a little more.
double rounding_of(float value) {
  const float magnitude = std::fabs(value);
  const float next = std::nextafter(magnitude, std::numeric_limits<float>::infinity());
  return 0.501 * (static_cast<double>(next) - static_cast<double>(magnitude));
}

// The number with the fewest binary digits that is no further than `distance` from this one.
double simplest_near(double number, double distance) {
  constexpr int kBits = 61;
  const double low = std::fabs(number) - std::fabs(distance);
  const double high = std::fabs(number) + std::fabs(distance);
  if (!std::isfinite(high)) return number;
  if (low <= 0) return 0;
  const int shift = kBits - std::ilogb(high);
  const auto least = static_cast<std::uint64_t>(std::ceil(std::ldexp(low, shift)));
  const auto most = static_cast<std::uint64_t>(std::ldexp(high, shift));
  if (least >= most) return number;
  const auto equal_from = static_cast<int>(std::bit_width((least - 1) ^ most)) - 1;
  const std::uint64_t digits = most >> equal_from << equal_from;
  return std::copysign(std::ldexp(static_cast<double>(digits), -shift), number);
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
    scalings.push_back({input.scale.value_or(1.0 / maximum_of(image.pixel_type, image.bits)),
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

Result<std::vector<OutputFactors>> output_factors(const RunOptions& options, const ImageInfo& input,
                                                  const ImageInfo& output) {
  const auto bands = static_cast<std::size_t>(output.bands);
  const auto& [scales, offsets] = options.output;
  if (auto status = check(scales, "output scale", bands); !status) return fail(status.error());
  if (auto status = check(offsets, "output offset", bands); !status) return fail(status.error());
  const OutputScaling inverse = to_input_units(options.input, input);
  const bool is_float = maximum_of(output.pixel_type) == 1;
  const bool undoes = is_float && scales == inverse.scale && offsets == inverse.offset;
  const double most = maximum_of(output.pixel_type, output.bits);
  std::vector<OutputFactors> factors;
  for (std::size_t band = 0; band < bands; ++band) {
    factors.push_back({number_for(scales, band, most), number_for(offsets, band, 0), undoes});
  }
  return factors;
}

void apply_factors(const OutputFactors& factors, std::span<float> values) {
  const auto [scale, offset, simplest] = factors;
  if (scale == 1 && offset == 0) return;
  for (float& value : values) {
    const double pixel = static_cast<double>(value) * scale + offset;
    value = static_cast<float>(simplest ? simplest_near(pixel, rounding_of(value) * scale) : pixel);
  }
}

}  // namespace sectile::internal

namespace sectile {

using namespace internal;

// value = (pixel * scale - mean) / std, so pixel = value * std / scale + mean / scale.
OutputScaling to_input_units(const InputScaling& input, const ImageInfo& image) {
  const double scale = input.scale.value_or(1.0 / maximum_of(image.pixel_type, image.bits));
  const std::size_t channels = std::max(input.mean.size(), input.std.size());
  OutputScaling output;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, channels); ++i) {
    output.scale.push_back(number_for(input.std, i, 1) / scale);
    output.offset.push_back(number_for(input.mean, i, 0) / scale);
  }
  return output;
}

}  // namespace sectile
