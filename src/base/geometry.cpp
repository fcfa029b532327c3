#include "sectile/geometry.h"

#include <fmt/format.h>

namespace sectile {

std::string to_string(Range range) { return fmt::format("[{}, {})", range.begin, range.end); }

std::string to_string(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string to_string(Rect rect) {
  return fmt::format("rows {} columns {}", to_string(rect.y), to_string(rect.x));
}

}  // namespace sectile
