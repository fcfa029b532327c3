#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/text.h"

namespace sectile::cli {

namespace {

constexpr double kPauseSeconds = 0.1;
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

std::string progress_text(const Progress& progress, std::int64_t image_px) {
  const auto total = static_cast<double>(std::max<std::int64_t>(1, progress.steps_total));
  const double share = static_cast<double>(progress.steps_done) / total;
  const double seconds = std::max(progress.seconds, 1e-9);
  const double megapixels = share * static_cast<double>(image_px) * 1e-6;
  const std::string left =
      share > 0 ? duration_text(seconds * (1 - share) / share) + " left" : "starting";
  return fmt::format("{:3.0f} %  {}/{} steps  {:.1f} megapixels/s  {}", 100 * share,
                     progress.steps_done, progress.steps_total, megapixels / seconds, left);
}

ProgressLine::ProgressLine(bool wanted, std::int64_t image_px)
    : visible_(wanted && ::isatty(STDERR_FILENO) == 1), image_px_(image_px) {}

ProgressLine::~ProgressLine() {
  if (shown_at_seconds_ >= 0) std::fputs(kClearLine, stderr);
}

void ProgressLine::show(const Progress& progress) {
  const bool last = progress.steps_done == progress.steps_total;
  const bool due = shown_at_seconds_ < 0 || progress.seconds - shown_at_seconds_ >= kPauseSeconds;
  if (!visible_ || !(due || last)) return;
  fmt::print(stderr, "{}{}", kClearLine, progress_text(progress, image_px_));
  std::fflush(stderr);
  shown_at_seconds_ = progress.seconds;
}

}  // namespace sectile::cli
