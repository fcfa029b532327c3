#include "src/plan/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/integers.h"
#include "src/base/system.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::string advice_on_bands(const MethodInfo& info) {
  const std::size_t inputs = info.input_channels.size();
  if (inputs == 1) return "convert the image";
  return fmt::format("give an image for each of its {} inputs", inputs);
}

}  // namespace

// The tool with its libraries and GDAL's formats holds kToolBytes (measured), give or take: said
// the same each time, so that plans are. An application that holds more is asked, in coarse steps
// for the same reason. The program's bytes are resident already, and counted once.
std::int64_t process_bytes(const ProgramBytes& program, std::int64_t sink_bytes) {
  constexpr std::int64_t kToolBytes = 48 * kMiB;
  constexpr std::int64_t kGiveOrTakeBytes = 4 * kMiB;
  constexpr std::int64_t kStepBytes = 8 * kMiB;
  const auto program_bytes = static_cast<std::int64_t>(program.bytes().size());
  const std::int64_t more = current_rss_bytes() - sink_bytes - program_bytes - kToolBytes;
  const std::int64_t steps = more > kGiveOrTakeBytes ? ceil_div(more, kStepBytes) : 0;
  return kToolBytes + steps * kStepBytes + program_bytes;
}

std::int64_t memory_limit_of(const PlanOptions& options) {
  constexpr std::int64_t kLeastDefaultBytes = 128 * kMiB;
  if (options.memory_bytes != 0) return options.memory_bytes;
  return std::max(free_memory_bytes() / 2, kLeastDefaultBytes);
}

Status check_image(const MethodInfo& info, const ImageInfo& image) {
  if (image.size.height < 1 || image.size.width < 1) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[plan] an image of {} has no pixels", to_string(image.size)));
  }
  if (image.bands != info.input.channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[plan] the image has {} bands and the network '{}' takes {}: {}",
                            image.bands, info.name, info.input.channels, advice_on_bands(info)));
  }
  return {};
}

}  // namespace sectile::internal
