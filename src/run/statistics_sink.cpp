#include "src/run/statistics_sink.h"

#include <cstddef>
#include <utility>

#include "src/base/moments.h"

namespace sectile::internal {

namespace {

// The moments of groups as those of each of their channels.
std::vector<float> of_channels(const std::vector<float>& of_groups, std::int64_t group_channels) {
  const Moments groups(of_groups);
  std::vector<float> sums;
  std::vector<float> squares;
  for (std::size_t group = 0; group < groups.sums.size(); ++group) {
    sums.insert(sums.end(), static_cast<std::size_t>(group_channels), groups.sums[group]);
    squares.insert(squares.end(), static_cast<std::size_t>(group_channels), groups.squares[group]);
  }
  return Moments::join(sums, squares, groups.pixels);
}

}  // namespace

StatisticsSink::StatisticsSink(ImageInfo info, const std::vector<Sum>& sums, Arithmetic arithmetic)
    : info_(std::move(info)) {
  for (const Sum& sum : sums) {
    const std::int64_t channels = sum.channels.size();
    parts_.push_back(
        {sum, Summation(sum.kind, channels / sum.group_channels, info_.size.width, arithmetic),
         nullptr});
    if (!sum.is_of_held_rows()) continue;
    ImageInfo whole = info_;
    whole.bands = static_cast<int>(channels);
    parts_.back().whole = std::make_unique<MemorySink>(std::move(whole));
  }
}

Status StatisticsSink::write(Range rows, std::span<const float> pixels) {
  const auto plane = static_cast<std::size_t>(rows.size() * info_.size.width);
  for (Part& part : parts_) {
    const auto first = static_cast<std::size_t>(part.sum.channels.begin);
    const auto count = static_cast<std::size_t>(part.sum.channels.size());
    const auto channels = pixels.subspan(first * plane, count * plane);
    if (part.whole == nullptr) {
      part.summation.add(channels);
    } else if (auto status = part.whole->write(rows, channels); !status) {
      return status;
    }
  }
  return {};
}

Status StatisticsSink::finish() {
  for (Part& part : parts_) {
    if (part.whole == nullptr) continue;
    part.summation.add(part.whole->pixels());  // a group's channels follow each other
    part.whole.reset();
  }
  return {};
}

void StatisticsSink::put_into(Statistics& known) const {
  for (const Part& part : parts_) {
    const std::int64_t group_channels = part.sum.group_channels;
    const std::vector<float> values = part.summation.values();
    known[part.sum.statistic] = group_channels == 1 ? values : of_channels(values, group_channels);
  }
}

}  // namespace sectile::internal
