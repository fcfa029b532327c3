#include "src/api/plan_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/image/geo_transform.h"
#include "src/image/held_memory.h"

namespace sectile {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kSinkBlockSide = 256;

double per_output_px(Ratio scale) {
  return static_cast<double>(scale.den) / static_cast<double>(scale.num);
}

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

std::int64_t cropped_length(std::int64_t extended_output, std::int64_t extended, std::int64_t image,
                            Ratio scale) {
  return std::max<std::int64_t>(1, extended_output - (extended - image) * scale.num / scale.den);
}

// A source that has no blocks is in memory, and then so is the sink.
ImageInfo output_image_of(const ImageInfo& image, const PlanOptions& options, Size size, int bands,
                          Scale scale) {
  ImageInfo output;
  output.size = size;
  output.bands = bands;
  output.pixel_type = options.output_type.value_or(image.pixel_type);
  output.geo = image.geo;
  output.geo.transform =
      with_pixels_of(image.geo.transform, per_output_px(scale.y), per_output_px(scale.x));
  output.held_bytes = options.output_held_bytes;
  if (output.held_bytes > 0 || image.block.height == 0) return output;
  output.held_bytes =
      writing_bytes(output, {std::min(kSinkBlockSide, output.size.height), kSinkBlockSide});
  return output;
}

}  // namespace sectile
