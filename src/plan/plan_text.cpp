#include "src/plan/plan_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "sectile/mask.h"
#include "src/base/count_text.h"
#include "src/base/integers.h"
#include "src/plan/window.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::string mebibytes(std::int64_t bytes) {
  return fmt::format("{:>8} MiB", ceil_div(bytes, kMiB));
}

std::string line(std::string_view title, std::string_view text) {
  return fmt::format("{:<9}{}\n", title, text);
}

std::string workers_text(int workers, int threads) {
  return threads > 1 ? count_text(threads, "thread") : count_text(workers, "worker");
}

std::string part(std::string_view name, std::int64_t bytes, std::string_view what) {
  return line("", fmt::format("{:<12}{}   {}", name, mebibytes(bytes), what));
}

std::string memory_table(const PlannedMemory& memory) {
  std::string text =
      line("memory", fmt::format("{:<12}{}   peak, predicted", "", mebibytes(memory.total())));
  text += part("process", memory.process_bytes, "the program and its libraries");
  text += part("files", memory.file_bytes, "blocks of the input and of the output");
  if (memory.kept_bytes > 0) text += part("kept", memory.kept_bytes, "images for later passes");
  text += part("strips", memory.strip_bytes, "rows read ahead, rows waiting to be written");
  const std::string each = memory.workers == 1 ? "" : fmt::format(", {} times", memory.workers);
  const auto session = [&](std::string_view name, std::int64_t bytes, std::string_view what) {
    text += part(name, memory.workers * bytes, fmt::format("{}{}", what, each));
  };
  session("weights", memory.weight_bytes, "packed for the processor");
  session("tables", memory.indirection_bytes, "where each window's pixels lie");
  session("workspace", memory.workspace_bytes, "values between the layers");
  if (memory.history_bytes > 0)
    session("history", memory.history_bytes, "rows of every layer that the next step needs");
  if (memory.buffer_bytes > 0) session("buffers", memory.buffer_bytes, "a tile's input and output");
  return text;
}

std::string window_line(const PlanData& plan) {
  return fmt::format("{} of the output, from {} of the image", window_text(plan.written),
                     window_text(plan.input_window));
}

std::string mask_line(const PlanData& plan) {
  const Mask& mask = *plan.output_image.mask;
  const double share =
      static_cast<double>(mask.data_pixels()) / static_cast<double>(plan.written.area());
  return fmt::format("{:.1f} % of the output shows data; {} of it is computed", 100 * share,
                     window_text(plan.window));
}

// "argmax of 21 bands: 1 band of u8"
std::string output_text(const PlanData& plan) {
  std::string kind = to_string(plan.output_kind);
  if (plan.threshold) kind += fmt::format(" of at least {}", *plan.threshold);
  return fmt::format(
      "{}, of {} of the network: {} of {}", kind, count_text(plan.network_bands, "band"),
      count_text(plan.output_image.bands, "band"), to_string(plan.output_image.pixel_type));
}

std::string kept_text(const PlannedPass& pass) {
  std::string text;
  if (pass.kept_images_read > 0) {
    text += fmt::format("; reads {}", count_text(pass.kept_images_read, "kept image"));
  }
  if (pass.kept_bytes > 0) text += fmt::format("; keeps {} MiB", ceil_div(pass.kept_bytes, kMiB));
  return text;
}

std::string passes_table(const PlanData& plan) {
  std::string text;
  for (const PlannedPass& pass : plan.passes) {
    const std::string task = pass.statistics == 0
                                 ? "makes the output"
                                 : fmt::format("adds up {}", count_text(pass.statistics, "number"));
    text +=
        line(text.empty() ? "passes" : "",
             fmt::format("{:<21}{}   {:.3f} x work   {} {}, {}{}", task, mebibytes(pass.peak_bytes),
                         pass.compute_ratio, to_string(pass.mode), to_string(pass.tile),
                         workers_text(pass.workers, pass.threads), kept_text(pass)));
  }
  return text;
}

std::string mode_text(const PlanData& plan) {
  if (plan.mode == Mode::approximate) {
    return fmt::format("approximate: {} of {}, overlap {}, {}", count_text(plan.lanes(), "tile"),
                       to_string(plan.tile), to_string(plan.overlap),
                       count_text(plan.workers, "worker"));
  }
  const char* transient_tables =
      plan.transient_tables ? ", lean: tables built again in each run" : "";
  if (plan.mode == Mode::stream) {
    return fmt::format("stream: {}, {} steps of {}{}", count_text(plan.lanes(), "lane"),
                       plan.rows.size(), to_string(plan.tile), transient_tables);
  }
  return fmt::format("{}: {} of {}, {}{}", to_string(plan.mode), count_text(plan.lanes(), "tile"),
                     to_string(plan.tile), workers_text(plan.workers, plan.threads),
                     transient_tables);
}

std::string alternatives_table(const PlanData& plan) {
  std::string text;
  for (const PlanAlternative& other : plan.alternatives) {
    text += line(
        text.empty() ? "why" : "",
        fmt::format("{:<12}{}   {:.2f} x time   {} {}, {}{}{}", other.name,
                    mebibytes(other.peak_bytes), other.time, to_string(other.mode),
                    to_string(other.tile), workers_text(other.workers, other.threads),
                    other.transient_tables ? ", lean" : "", other.fits ? "" : "   over the limit"));
  }
  return text;
}

}  // namespace

std::string plan_text(const PlanData& plan) {
  std::string text =
      line("image", fmt::format("{} -> {}", to_string(plan.image), to_string(plan.output)));
  if (plan.output_image.labels || plan.output_kind != OutputKind::values) {
    text += line("output", output_text(plan));
  }
  if (plan.written != Rect::of(plan.output)) text += line("window", window_line(plan));
  if (plan.output_image.mask) text += line("mask", mask_line(plan));
  if (plan.extended != plan.image) {
    text += line(
        "", fmt::format("run as {}: the edge repeated to a size that {}", to_string(plan.extended),
                        plan.mode == Mode::approximate ? "tiles cover" : "the network accepts"));
  }
  if (plan.passes.size() > 1) text += passes_table(plan);
  if (plan.temp_bytes > 0) {
    text += line("", fmt::format("kept in a file in {}: {} MiB at a time", plan.temp_folder,
                                 ceil_div(plan.temp_bytes, kMiB)));
  }
  text += line("mode", (plan.passes.size() > 1 ? "last pass: " : "") + mode_text(plan));
  if (plan.mode == Mode::approximate) {
    text +=
        line("", plan.approximate() ? "blended; not the bits of a whole-image run"
                                    : "one tile is the whole image: the bits of a whole-image run");
  }
  if (plan.mode == Mode::stream) {
    text += line("", fmt::format("output rows follow {} rows behind the input", plan.lag_rows));
  }
  if (!plan.why_not_streamed.empty())
    text += line("", fmt::format("no stream: {}", plan.why_not_streamed));
  text += line("work", fmt::format("{:.3f} times that of one whole-image run", plan.compute_ratio));
  text += line("limit", fmt::format("{} MiB", plan.memory_limit_bytes / kMiB));
  return text + memory_table(plan.memory) + alternatives_table(plan);
}

}  // namespace sectile::internal
