#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sectile::cli {

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  constexpr double step = 1024;
  if (bytes < static_cast<std::int64_t>(step)) return count_text(bytes, "byte");
  double value = static_cast<double>(bytes) / step;
  std::size_t unit = 0;
  while (value >= step && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
  const std::int64_t minutes = whole / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60);
}

std::string count_text(std::int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

namespace {

std::string last_pass_text(const Plan& plan) {
  if (plan.mode() == Mode::stream) {
    return fmt::format("mode stream, {}, steps of {}", count_text(plan.lanes(), "lane"),
                       to_string(plan.tile_size()));
  }
  if (plan.mode() == Mode::approximate) {
    return fmt::format("mode approximate, {} of {}, {}", count_text(plan.lanes(), "tile"),
                       to_string(plan.tile_size()), count_text(plan.workers(), "worker"));
  }
  return fmt::format("mode {}, tile {}, {}, {}", to_string(plan.mode()),
                     to_string(plan.tile_size()), count_text(plan.lanes(), "lane"),
                     count_text(plan.workers(), "worker"));
}

// Two digits, in plain figures.
std::string percent(double share) {
  const double number = 100 * share;
  return number < 10 ? fmt::format("{:.2g} %", number) : fmt::format("{:.0f} %", number);
}

}  // namespace

std::string plan_text(const Plan& plan) {
  const std::size_t passes = plan.passes().size();
  if (passes == 1) return last_pass_text(plan);
  return fmt::format("{} passes, the last in {}", passes, last_pass_text(plan));
}

// What is below one level of 8 bits cannot be seen.
std::string disagreement_text(const Disagreement& disagreement) {
  constexpr double kOneLevel = 1.0 / 255;
  const char* seams = disagreement.max < kOneLevel ? "" : ": seams may show";
  return fmt::format(
      "neighbouring tiles disagree by {} of the output's range on average, {} at most{}",
      percent(disagreement.rms), percent(disagreement.max), seams);
}

void print_lines(const std::string& text) {
  const bool ended = text.ends_with('\n');
  fmt::print("{}{}", text, ended ? "" : "\n");
}

}  // namespace sectile::cli
