#include "src/run/keeping_sink.h"

#include <cstddef>

namespace sectile::internal {

Status KeepingSink::write(Range rows, std::span<const float> pixels) {
  if (auto status = sums_.write(rows, pixels); !status) return status;
  const auto plane = static_cast<std::size_t>(rows.size() * info().size.width);
  for (KeptBands& kept : kept_) {
    const auto part = pixels.subspan(static_cast<std::size_t>(kept.bands.begin) * plane,
                                     static_cast<std::size_t>(kept.bands.size()) * plane);
    if (auto status = kept.image.write(rows, part); !status) return status;
  }
  return {};
}

}  // namespace sectile::internal
