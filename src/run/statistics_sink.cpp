#include "src/run/statistics_sink.h"

#include <cstddef>
#include <utility>

namespace sectile::internal {

StatisticsSink::StatisticsSink(ImageInfo info, const std::vector<Sum>& sums,
                               SquareRounding rounding)
    : info_(std::move(info)), sums_(sums) {
  for (const Sum& sum : sums_) summations_.emplace_back(sum.kind, sum.channels.size(), rounding);
}

Status StatisticsSink::write(Range rows, std::span<const float> pixels) {
  const auto plane = static_cast<std::size_t>(rows.size() * info_.size.width);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto first = static_cast<std::size_t>(sums_[i].channels.begin);
    const auto count = static_cast<std::size_t>(sums_[i].channels.size());
    summations_[i].add(pixels.subspan(first * plane, count * plane));
  }
  return {};
}

void StatisticsSink::put_into(Statistics& known) const {
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    known[sums_[i].statistic] = summations_[i].values();
  }
}

}  // namespace sectile::internal
