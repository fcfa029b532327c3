#include "src/plan/limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "src/base/count_text.h"
#include "src/base/integers.h"
#include "src/base/system.h"
#include "src/cost/machine_model.h"
#include "src/image/check_access.h"
#include "src/plan/output_kind.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

// Bands of the image that would do: red, green and blue for three channels, or the first; one band
// for all channels. Empty: there are too few.
std::vector<int> bands_for(std::int64_t channels, const ImageInfo& image) {
  const auto wanted = static_cast<std::size_t>(channels);
  if (image.bands == 1) return std::vector<int>(wanted, 1);
  std::vector<int> bands;
  for (const char* color : {"Red", "Green", "Blue"}) {
    const auto& all = image.metadata.bands;
    const auto found = std::ranges::find(all, color, &BandInfo::meaning);
    if (found != all.end()) bands.push_back(static_cast<int>(found - all.begin()) + 1);
  }
  if (bands.size() == wanted) return bands;
  if (channels > image.bands) return {};
  bands.resize(wanted);
  std::iota(bands.begin(), bands.end(), 1);
  return bands;
}

std::string advice_on_bands(const MethodInfo& info, const ImageInfo& image) {
  const std::size_t inputs = info.input_channels.size();
  if (inputs != 1) return fmt::format("give an image for each of its {} inputs", inputs);
  constexpr std::int64_t kMostChannels = 64;
  const auto bands = info.input.channels > kMostChannels ? std::vector<int>{}
                                                         : bands_for(info.input.channels, image);
  if (bands.empty()) return "give an image of more bands";
  return fmt::format("choose with --bands, e.g. --bands {}", fmt::join(bands, ","));
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
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  const auto share_of = [&](std::int64_t all_bytes) {
    return all_bytes <= process_bytes
               ? all_bytes
               : process_bytes + (all_bytes - process_bytes) / options.concurrent_runs;
  };
  if (!has_limit(options)) {
    return share_of(std::max(free_memory_bytes() / 2, kLeastDefaultBytes));
  }
  const std::int64_t whole = options.memory_bytes > 0 ? options.memory_bytes : kNone;
  const std::int64_t own =
      options.own_memory_bytes > 0 && options.own_memory_bytes < kNone - process_bytes
          ? process_bytes + options.own_memory_bytes
          : kNone;
  return share_of(std::min(whole, own));
}

int threads_of(const PlanOptions& options) {
  const int all = options.threads > 0 ? options.threads : processor_count();
  return std::max(1, all / options.concurrent_runs);
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
  if (options.concurrent_runs < 1) {
    return refuse(fmt::format("{} runs at a time: give 1 or more", options.concurrent_runs));
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
  if (auto status = check_output_options(options); !status) return status;
  return options.output_type ? check_pixel_type(*options.output_type) : Status{};
}

Status check_image(const MethodInfo& info, const ImageInfo& image) {
  if (auto status = check_info(image); !status) return status;
  if (image.bands != info.input.channels) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("[plan] the image has {} ({}) and the network '{}' takes {}: {}",
                    count_text(image.bands, "band"), band_names(image.metadata, image.bands),
                    info.name, info.input.channels, advice_on_bands(info, image)));
  }
  return {};
}

}  // namespace sectile::internal
