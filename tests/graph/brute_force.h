// The rows that a range of output rows depends on, found by going through all pairs of rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sectile/geometry.h"

namespace sectile::internal::test {

// `uses(o, i)`: output row o is computed from input row i. The begin is the first input row that a
// row from output.begin on uses, the end lies after the last that a row below output.end uses.
// Rows of both sides are looked for in `rows`, which must hold all that matter.
template <typename Uses>
std::optional<Range> depends_on(Uses uses, Range output, Range rows) {
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  for (std::int64_t o = rows.begin; o < rows.end; ++o) {
    for (std::int64_t i = rows.begin; i < rows.end; ++i) {
      if (!uses(o, i)) continue;
      if (o >= output.begin) first = std::min(first.value_or(i), i);
      if (o < output.end) last = std::max(last.value_or(i), i);
    }
  }
  if (!first || !last) return std::nullopt;
  return Range{*first, *last + 1};
}

}  // namespace sectile::internal::test
