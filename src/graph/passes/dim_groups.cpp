#include "src/graph/passes/dim_groups.h"

namespace sectile::internal {

Result<std::vector<DimGroup>> match_groups(std::span<const std::int64_t> in,
                                           std::span<const std::int64_t> out) {
  std::vector<DimGroup> groups;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < in.size() || j < out.size()) {
    DimGroup group{{i, i}, {j, j}};
    std::int64_t in_product = i < in.size() ? in[i++] : 1;
    std::int64_t out_product = j < out.size() ? out[j++] : 1;
    while (in_product != out_product) {
      if (in_product < out_product && i < in.size()) {
        in_product *= in[i++];
      } else if (out_product < in_product && j < out.size()) {
        out_product *= out[j++];
      } else {
        return fail(ErrorCode::corrupt,
                    "its input and its output hold different numbers of values");
      }
    }
    group.in.end = i;
    group.out.end = j;
    groups.push_back(group);
  }
  return groups;
}

}  // namespace sectile::internal
