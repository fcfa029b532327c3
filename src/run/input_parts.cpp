#include "src/run/input_parts.h"

#include <cassert>

namespace sectile::internal {

namespace {

// Appends the bands of one channel.
void add_channel(std::vector<BandPlace>& places, std::size_t channel, Size block) {
  const auto first = static_cast<std::int64_t>(places.size());
  for (std::int64_t dy = 0; dy < block.height; ++dy) {
    for (std::int64_t dx = 0; dx < block.width; ++dx) {
      places.push_back({channel, first + (block.height - 1) * block.width + dx,
                        first + (dy + 1) * block.width - 1});
    }
  }
}

}  // namespace

InputParts input_parts(const MethodInfo& method) {
  InputParts parts;
  for (std::size_t i = 0; i < method.input_channels.size(); ++i) {
    parts.push_back({method.input_channels[i], method.input_scales[i]});
  }
  return parts;
}

std::vector<BandPlace> band_places(const InputParts& parts, std::int64_t bands) {
  std::vector<BandPlace> places;
  std::size_t channel = 0;
  const InputParts plain{{bands, {1, 1}}};
  for (const InputPart& part : parts.empty() ? plain : parts) {
    for (std::int64_t i = 0; i < part.channels; ++i) add_channel(places, channel++, part.scale);
  }
  assert(static_cast<std::int64_t>(places.size()) == bands);
  return places;
}

}  // namespace sectile::internal
