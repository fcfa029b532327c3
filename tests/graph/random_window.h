// Generators of windows and ranges for property tests.
#pragma once

#include <rapidcheck.h>

#include <cstdint>

#include "src/graph/graph.h"

namespace sectile::internal::test {

// Evenly spread; RapidCheck's own ranges begin near `least` and grow from case to case.
inline rc::Gen<std::int64_t> number_in(std::int64_t least, std::int64_t most) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(least, most + 1));
}

inline rc::Gen<Window> random_window() {
  return rc::gen::exec([] {
    Window window;
    window.kernel = *number_in(1, 7);
    window.stride = *number_in(1, 4);
    window.dilation = *number_in(1, 3);
    window.pad_before = *number_in(0, 6);
    window.pad_after = *number_in(0, 6);
    return window;
  });
}

// Not empty, at most 8 rows, around the origin.
inline rc::Gen<Range> random_range() {
  return rc::gen::exec([] {
    const std::int64_t begin = *number_in(-6, 12);
    return Range{begin, begin + *number_in(1, 8)};
  });
}

}  // namespace sectile::internal::test
