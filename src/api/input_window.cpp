#include <fmt/format.h>

#include "sectile/model.h"
#include "src/base/catch_exceptions.h"
#include "src/footprint/axis_geometry.h"
#include "src/model/find_exact_method.h"
#include "src/plan/window.h"
#include "src/transform/resize.h"

namespace sectile {

using namespace internal;

namespace {

Result<Rect> pixels_of(const MethodData& data, Rect output_window, Size image) {
  if (Rect::of(image).empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("an image of {} has no pixels", to_string(image)));
  }
  const Graph& graph = *data.method->graph;
  const auto extended = extended_size(graph, *data.footprint, image);
  if (!extended) return fail(extended.error());
  const auto whole = resize(graph, *extended);
  if (!whole) return fail(whole.error());
  const auto window = window_within(output_size_of(*whole, *data.footprint, image), output_window);
  if (!window) return fail(window.error());
  return pixels_needed(*whole, image, *window);
}

}  // namespace

Result<Rect> input_window(const Model& model, Rect output_window, Size image_size,
                          const std::string& method) {
  return catch_exceptions("[window]", [&]() -> Result<Rect> {
    const auto data = find_exact_method(model, method);
    if (!data) return fail(data.error());
    auto pixels = pixels_of(**data, output_window, image_size);
    if (pixels) return pixels;
    return fail(pixels.error().code, fmt::format("[window] {}", pixels.error().message));
  });
}

}  // namespace sectile
