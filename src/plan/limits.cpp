#include "src/plan/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/cost/machine_model.h"
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

// In coarse steps, so that plans of one application are the same from run to run. The program's
// bytes are resident already, and counted once.
std::int64_t process_bytes(const ProgramBytes& program, const PlanTask& task) {
  constexpr std::int64_t kStepBytes = 2 * kMiB;
  const auto program_bytes = static_cast<std::int64_t>(program.bytes().size());
  if (task.process_bytes > 0) return task.process_bytes + program_bytes;
  const std::int64_t held_bytes = current_rss_bytes() - task.sink_bytes;
  return round_up(held_bytes + kMemoryModel.first_run_bytes, kStepBytes);
}

bool has_limit(const PlanOptions& options) {
  return options.memory_bytes > 0 || options.own_memory_bytes > 0;
}

std::int64_t memory_limit_of(const PlanOptions& options, std::int64_t process_bytes) {
  constexpr std::int64_t kLeastDefaultBytes = 128 * kMiB;
  if (!has_limit(options)) return std::max(free_memory_bytes() / 2, kLeastDefaultBytes);
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  const std::int64_t whole = options.memory_bytes > 0 ? options.memory_bytes : kNone;
  const std::int64_t own =
      options.own_memory_bytes > 0 && options.own_memory_bytes < kNone - process_bytes
          ? process_bytes + options.own_memory_bytes
          : kNone;
  return std::min(whole, own);
}

namespace {

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, "[plan] " + std::move(what));
}

}  // namespace

Status check_plan_options(const PlanOptions& options) {
  for (const std::int64_t bytes : {options.memory_bytes, options.own_memory_bytes,
                                   options.process_bytes, options.temp_limit_bytes.value_or(0)}) {
    if (bytes < 0) return refuse(fmt::format("{} bytes of memory are below 0", bytes));
  }
  if (options.threads < 0 || options.threads > kMostThreads) {
    return refuse(fmt::format("{} threads were asked for: give 1 to {}, or 0 for one per processor",
                              options.threads, kMostThreads));
  }
  if (options.mode < Mode::automatic || options.mode > Mode::approximate) {
    return refuse(fmt::format("there is no mode {}", static_cast<int>(options.mode)));
  }
  if (options.statistics != StatisticsMode::exact &&
      options.statistics != StatisticsMode::accurate) {
    return refuse(
        fmt::format("there is no mode {} of statistics", static_cast<int>(options.statistics)));
  }
  if (options.keep < KeepMode::automatic || options.keep > KeepMode::file) {
    return refuse(fmt::format("there is no mode {} of keeping", static_cast<int>(options.keep)));
  }
  if (options.tile && (options.tile->height < 1 || options.tile->width < 1)) {
    return refuse(fmt::format("a tile of {} has no pixels", to_string(*options.tile)));
  }
  return options.output_type ? check_pixel_type(*options.output_type) : Status{};
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
