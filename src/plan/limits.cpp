#include "src/plan/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/image/check_access.h"

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
// for the same reason.
std::int64_t process_bytes(const MappedFile& program, std::int64_t sink_bytes) {
  constexpr std::int64_t kToolBytes = 48 * kMiB;
  constexpr std::int64_t kGiveOrTakeBytes = 4 * kMiB;
  constexpr std::int64_t kStepBytes = 8 * kMiB;
  const std::int64_t more = current_rss_bytes() - sink_bytes - kToolBytes;
  const std::int64_t steps = more > kGiveOrTakeBytes ? ceil_div(more, kStepBytes) : 0;
  return kToolBytes + steps * kStepBytes + static_cast<std::int64_t>(program.bytes().size());
}

std::int64_t memory_limit_of(const PlanOptions& options) {
  constexpr std::int64_t kLeastDefaultBytes = 128 * kMiB;
  if (options.memory_bytes != 0) return options.memory_bytes;
  return std::max(free_memory_bytes() / 2, kLeastDefaultBytes);
}

namespace {

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, "[plan] " + std::move(what));
}

}  // namespace

Status check_plan_options(const PlanOptions& options) {
  if (options.memory_bytes < 0) {
    return refuse(fmt::format("a memory limit of {} bytes is below 0", options.memory_bytes));
  }
  if (options.threads < 0 || options.threads > kMostThreads) {
    return refuse(fmt::format("{} threads were asked for: give 1 to {}, or 0 for one per processor",
                              options.threads, kMostThreads));
  }
  if (options.mode < Mode::automatic || options.mode > Mode::approximate) {
    return refuse(fmt::format("there is no mode {}", static_cast<int>(options.mode)));
  }
  if (options.tile && (options.tile->height < 1 || options.tile->width < 1)) {
    return refuse(fmt::format("a tile of {} has no pixels", to_string(*options.tile)));
  }
  if (options.output_type &&
      (*options.output_type < PixelType::u8 || *options.output_type > PixelType::f64)) {
    return refuse(fmt::format("there is no pixel type {}", static_cast<int>(*options.output_type)));
  }
  if (options.output_held_bytes >= 0) return {};
  return refuse("an output cannot hold less than 0 bytes");
}

Status check_image(const MethodInfo& info, const ImageInfo& image) {
  if (auto status = check_info(image); !status) return status;
  if (image.bands != info.input.channels) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[plan] the image has {} bands and the network '{}' takes {}: {}",
                            image.bands, info.name, info.input.channels, advice_on_bands(info)));
  }
  return {};
}

}  // namespace sectile::internal
