// A reshape, read as groups of dims with equal products.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {

struct DimSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool holds(int dim) const {
    return std::cmp_greater_equal(dim, begin) && std::cmp_less(dim, end);
  }
};
struct DimGroup {
  DimSpan in;
  DimSpan out;
};

// Cuts both lists of dims at the places where the products of what stands before agree. Errors:
// corrupt, when all their products differ.
Result<std::vector<DimGroup>> match_groups(std::span<const std::int64_t> in,
                                           std::span<const std::int64_t> out);

}  // namespace sectile::internal
