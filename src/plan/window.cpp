#include "src/plan/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/plan/output_image.h"

namespace sectile::internal {

namespace {

Range within_image(Range extended, std::int64_t length) {
  if (extended.empty()) return {};
  return {std::min(extended.begin, length - 1), std::min(extended.end, length)};
}

}  // namespace

Size output_size_of(const Graph& whole, const Footprint& footprint, Size image) {
  const auto length = [&](Axis axis, std::int64_t of_image) {
    return cropped_length(whole.output_shape().length(axis), whole.shape(whole.input).length(axis),
                          of_image, footprint.along(axis).scale);
  };
  return {length(Axis::y, image.height), length(Axis::x, image.width)};
}

Result<Rect> window_within(Size output, const std::optional<Rect>& asked) {
  if (!asked) return Rect::of(output);
  if (asked->empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the window {} has no pixels", window_text(*asked)));
  }
  if (Rect::of(output).contains(*asked)) return *asked;
  return fail(ErrorCode::invalid_argument,
              fmt::format("the window {} does not lie in the output of {}", window_text(*asked),
                          to_string(output)));
}

Rect pixels_needed(const Graph& whole, Size image, Rect window) {
  const Rect pixels{within_image(image_range(whole, Axis::y, window.y), image.height),
                    within_image(image_range(whole, Axis::x, window.x), image.width)};
  return pixels.empty() ? Rect{} : pixels;
}

std::string window_text(Rect window) {
  return fmt::format("{},{},{}", window.x.begin, window.y.begin, to_string(window.size()));
}

}  // namespace sectile::internal
