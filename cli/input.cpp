#include "cli/input.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/options.h"
#include "sectile/image_files.h"
#include "sectile/run.h"

namespace sectile::cli {

NoiseSource::NoiseSource(Size size, int bands) {
  info_.size = size;
  info_.bands = bands;
  info_.pixel_type = PixelType::f32;
  constexpr std::int64_t block_side = 256;
  info_.block = {block_side, block_side};
  const std::int64_t block_rows = std::min(block_side, size.height);
  info_.held_bytes = block_rows * size.width * bands * std::int64_t{sizeof(float)};
}

// Mixes the bits until neighbours have nothing in common: odd multiplications and xor-shifts.
float NoiseSource::value(std::uint64_t index) const {
  std::uint64_t bits = (index + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 32)) * 0xD6E8FEB86659FD93U;
  bits = (bits ^ (bits >> 32)) * 0xD6E8FEB86659FD93U;
  constexpr int mantissa_bits = 24;
  return std::ldexp(static_cast<float>(bits >> (64 - mantissa_bits)), -mantissa_bits);
}

Status NoiseSource::read(const Rect& rect, std::span<float> out) {
  auto next = out.begin();
  for (std::int64_t band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      const std::int64_t row = (band * info_.size.height + y) * info_.size.width;
      for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
        *next++ = value(static_cast<std::uint64_t>(row + x));
      }
    }
  }
  return {};
}

Result<OpenedInput> open_inputs(const ModelArgument& model, const std::vector<std::string>& paths,
                                const std::string& method) {
  auto opened = model.open();
  if (!opened) return fail(opened.error());
  std::vector<std::unique_ptr<ImageSource>> sources;
  for (const std::string& path : paths) {
    auto source = open_image(path, kOwnProcess);
    if (!source) return fail(source.error());
    sources.push_back(std::move(*source));
  }
  auto joined = join_inputs(*opened, method, std::move(sources));
  if (!joined) return fail(joined.error());
  return OpenedInput{*opened, std::move(*joined)};
}

Result<OpenedInput> open_input(const ModelArgument& model, const ImageArgument& image,
                               const std::string& method) {
  if (const auto* path = std::get_if<std::string>(&image))
    return open_inputs(model, {*path}, method);
  auto opened = model.open();
  if (!opened) return fail(opened.error());
  const auto info = opened->method(method);
  if (!info) return fail(info.error());
  auto noise = std::make_unique<NoiseSource>(std::get<Size>(image),
                                             static_cast<int>((*info)->input.channels));
  return OpenedInput{*opened, std::move(noise)};
}

Result<PlannedInput> plan_input(const ModelArgument& model, const ImageArgument& image,
                                const PlanOptions& options, const WindowArgument& window) {
  auto opened = open_input(model, image, options.method);
  if (!opened) return fail(opened.error());
  const ImageInfo& info = opened->source->info();
  const auto asked = with_window(options, window, opened->model, info);
  if (!asked) return fail(asked.error());
  auto plan = make_plan(opened->model, info, *asked);
  if (!plan) return fail(plan.error());
  return PlannedInput{opened->model, std::move(opened->source), *plan};
}

}  // namespace sectile::cli
