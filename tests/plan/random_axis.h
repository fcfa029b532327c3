// Random axes for property tests of tiles.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <ostream>

#include "src/base/integers.h"
#include "src/footprint/axis_geometry.h"

namespace sectile::internal {

// For RapidCheck's reports, which look for it beside the type.
inline std::ostream& operator<<(std::ostream& out, const AxisGeometry& axis) {
  return out << "length " << axis.length << ", grid " << axis.grid << ", output "
             << axis.output_length << " on " << axis.output_grid << ", lead " << axis.lead
             << ", keep " << axis.keep;
}

namespace test {

// Evenly spread; RapidCheck's own ranges begin near `least` and grow from case to case.
inline rc::Gen<std::int64_t> number_in(std::int64_t least, std::int64_t most) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(least, most + 1));
}

// Any geometry that a network could have, and some that none has.
inline rc::Gen<AxisGeometry> random_axis(std::int64_t most_length = 3000) {
  return rc::gen::noShrink(rc::gen::exec([most_length] {
    AxisGeometry axis;
    axis.length = *number_in(1, most_length);
    axis.grid = *number_in(1, 32);
    axis.output_grid = *number_in(1, 16);
    const std::int64_t steps = ceil_div(axis.length, axis.grid);
    axis.lead = *number_in(0, 24);
    // Mostly long images: what their ends cost is small against them.
    axis.keep = *rc::gen::oneOf(number_in(-3, steps),
                                number_in(std::max<std::int64_t>(0, steps - 24), steps));
    // The last step that is kept lies inside the output.
    const std::int64_t least = std::max<std::int64_t>(1, axis.keep * axis.output_grid);
    axis.output_length = *number_in(least, least + 3 * axis.output_grid);
    return axis;
  }));
}

}  // namespace test
}  // namespace sectile::internal
