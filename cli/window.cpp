#include "cli/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "cli/options.h"

namespace sectile::cli {

namespace {

// Of a pixel: what coordinates are off by when they were computed and printed.
constexpr double kTolerance = 1e-6;

// Coordinates along one axis: pixel 0 begins at `origin` and each is `step` long, below 0 where
// coordinates fall as pixels go on.
struct AxisPlace {
  double origin = 0;
  double step = 1;
  std::int64_t length = 0;  // pixels

  double at(double pixel) const { return origin + pixel * step; }
  double low() const { return std::min(at(0), at(static_cast<double>(length))); }
  double high() const { return std::max(at(0), at(static_cast<double>(length))); }
  std::pair<double, double> pixels(double from, double to) const {
    return std::minmax((from - origin) / step, (to - origin) / step);
  }
  bool holds(double from, double to) const {
    const auto [begin, end] = pixels(from, to);
    return begin >= -kTolerance && end <= static_cast<double>(length) + kTolerance;
  }
};

// All pixels of the output that the coordinates touch.
Range output_range(const AxisPlace& place, Ratio scale, double from, double to) {
  const double per_pixel = static_cast<double>(scale.num) / static_cast<double>(scale.den);
  const auto [first, last] = place.pixels(from, to);
  const double most = std::ceil(static_cast<double>(place.length) * per_pixel);
  const double begin = std::clamp(std::floor(first * per_pixel + kTolerance), 0.0, most - 1);
  const double end = std::clamp(std::ceil(last * per_pixel - kTolerance), begin + 1, most);
  return {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)};
}

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, fmt::format("[bounds] {}", message));
}

std::string bounds_text(const Bounds& bounds) {
  return fmt::format("{:.15g},{:.15g},{:.15g},{:.15g}", bounds.min_x, bounds.min_y, bounds.max_x,
                     bounds.max_y);
}

Result<Rect> pixels_of(const Bounds& bounds, const ImageInfo& image, Scale scale) {
  if (!image.geo.transform) {
    return refuse("the image has no georeference: --window takes pixels of the output");
  }
  const auto [x0, dx, rx, y0, ry, dy] = *image.geo.transform;
  if (rx != 0 || ry != 0 || dx == 0 || dy == 0) {
    return refuse(
        "the image is rotated against its coordinates: --window takes pixels of the output");
  }
  const AxisPlace x{x0, dx, image.size.width};
  const AxisPlace y{y0, dy, image.size.height};
  if (!x.holds(bounds.min_x, bounds.max_x) || !y.holds(bounds.min_y, bounds.max_y)) {
    return refuse(fmt::format("{} does not lie in the image, whose bounds are {}",
                              bounds_text(bounds),
                              bounds_text({x.low(), y.low(), x.high(), y.high()})));
  }
  return Rect{output_range(y, scale.y, bounds.min_y, bounds.max_y),
              output_range(x, scale.x, bounds.min_x, bounds.max_x)};
}

}  // namespace

void add_window_options(CLI::App& command, WindowArgument& argument) {
  auto* window = add_parsed(command, "--window", argument.window, parse_window,
                            "Make only these pixels of the output (default: all)")
                     ->type_name("X,Y,WxH");
  auto* bounds = add_parsed(command, "--bounds", argument.bounds, parse_bounds,
                            "The same in the image's coordinates, rounded outwards to pixels")
                     ->type_name("MINX,MINY,MAXX,MAXY");
  bounds->excludes(window);
  if (auto* approximate = command.get_option_no_throw("--approximate")) {
    window->excludes(approximate);
    bounds->excludes(approximate);
  }
}

Result<PlanOptions> with_window(PlanOptions options, const WindowArgument& argument,
                                const Model& model, const ImageInfo& image) {
  options.window = argument.window;
  if (!argument.bounds) return options;
  const auto info = model.method(options.method);
  if (!info) return fail(info.error());
  const auto window = pixels_of(*argument.bounds, image, (*info)->scale);
  if (!window) return fail(window.error());
  options.window = *window;
  return options;
}

}  // namespace sectile::cli
