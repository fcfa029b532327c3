#include "src/run/reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "src/run/planes.h"
#include "src/run/strip_reader.h"

namespace sectile::internal {

Result<TileBuffer> whole_input(ImageSource& source, const InputScaling& scaling,
                               const InputParts& parts, Size size, Layout layout) {
  auto scalings = band_scalings(scaling, source.info(), parts);
  if (!scalings) return fail(scalings.error());
  const std::int64_t bands = source.info().bands;
  auto planar = TileBuffer::allocate(size.area() * bands);
  if (!planar) return fail(planar.error());
  const Planes image{planar->values(), Rect::of(size), bands};
  StripReader reader(source, std::move(*scalings), parts);
  if (auto status = reader.read(image, {}); !status) return fail(status.error());
  if (layout == Layout::planar) return planar;
  auto interleaved = TileBuffer::allocate(size.area() * bands);
  if (!interleaved) return fail(interleaved.error());
  gather({image.values, image.rect, bands}, image.rect, layout, interleaved->values());
  return interleaved;
}

Result<WholeRun> WholeRun::prepare(
    const TensorSpec& input, const TensorSpec& output, ImageSource& source,
    const InputScaling& scaling, const InputParts& parts,
    const std::function<Result<std::unique_ptr<Session>>()>& load_session) {
  auto input_buffer = whole_input(source, scaling, parts, input.size, input.layout);
  if (!input_buffer) return fail(input_buffer.error());
  auto output_buffer = TileBuffer::allocate(output.values());
  if (!output_buffer) return fail(output_buffer.error());
  auto session = load_session();
  if (!session) return fail(session.error());
  return WholeRun{std::move(*session), std::move(*input_buffer), std::move(*output_buffer)};
}

namespace {

std::vector<std::uint8_t> shown_pixels(Size size, const Mask* mask) {
  std::vector<std::uint8_t> shown(static_cast<std::size_t>(size.area()), Mask::kData);
  const auto width = static_cast<std::size_t>(size.width);
  for (std::int64_t y = 0; mask != nullptr && y < size.height; ++y) {
    mask->read_row(y, {0, size.width},
                   std::span(shown).subspan(static_cast<std::size_t>(y) * width, width));
  }
  return shown;
}

}  // namespace

Difference compare(std::span<const float> whole, const TensorSpec& spec,
                   std::span<const float> pixels, Rect window, const Mask* mask) {
  std::vector<float> cropped(pixels.size());
  scatter(whole, spec.layout, Rect::of(spec.size), window, {cropped, window, spec.channels});
  const std::vector<std::uint8_t> is_shown = shown_pixels(window.size(), mask);
  Difference difference;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (is_shown[i % is_shown.size()] == 0) continue;
    ++difference.values;
    if (std::bit_cast<std::uint32_t>(cropped[i]) == std::bit_cast<std::uint32_t>(pixels[i]))
      continue;
    ++difference.differing;
    const double distance =
        std::abs(static_cast<double>(cropped[i]) - static_cast<double>(pixels[i]));
    const double shown = std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
    difference.max_abs_diff = std::max(difference.max_abs_diff, shown);
  }
  return difference;
}

}  // namespace sectile::internal
