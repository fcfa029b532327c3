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

Difference compare(std::span<const float> whole, const TensorSpec& spec,
                   std::span<const float> pixels, Rect window) {
  std::vector<float> cropped(pixels.size());
  scatter(whole, spec.layout, Rect::of(spec.size), window, {cropped, window, spec.channels});
  Difference difference;
  difference.values = static_cast<std::int64_t>(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
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
