#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/messages.h"
#include "cli/text.h"

namespace sectile::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kPauseSeconds = 0.1;

ProgressForm form_on_stderr(ProgressForm asked) {
  if (asked != ProgressForm::automatic) return asked;
  return ::isatty(STDERR_FILENO) == 1 ? ProgressForm::bar : ProgressForm::none;
}

double share_of(const Progress& progress) {
  return static_cast<double>(progress.steps_done) /
         static_cast<double>(std::max<std::int64_t>(1, progress.steps_total));
}

const char* word_for(Exit outcome) {
  if (outcome == Exit::interrupted) return "interrupted";
  return outcome == Exit::done ? "done" : "failed";
}

// To the millisecond: more is noise.
double rounded(double seconds) { return std::round(seconds * 1e3) / 1e3; }

}  // namespace

Result<ProgressForm> parse_progress(const std::string& text) {
  if (text == "bar") return ProgressForm::bar;
  if (text == "json") return ProgressForm::json;
  if (text == "none") return ProgressForm::none;
  return fail(ErrorCode::invalid_argument,
              fmt::format("'{}' is not a form of progress; write bar, json or none", text));
}

ProgressDisplay::ProgressDisplay(ProgressForm form) : form_(form_on_stderr(form)) {}

ProgressDisplay::~ProgressDisplay() { clear_status(); }

double ProgressDisplay::seconds() const {
  const auto since = std::chrono::steady_clock::now() - start_;
  return std::max(std::chrono::duration<double>(since).count(), 1e-9);
}

double ProgressDisplay::share() const {
  auto pixels = static_cast<double>(ended_pixels_);
  for (const File& file : running_) {
    pixels += share_of(file.progress) * static_cast<double>(file.pixels);
  }
  return std::min(1.0, pixels / static_cast<double>(pixels_));
}

void ProgressDisplay::expect(std::int64_t files, std::int64_t pixels, std::int64_t failed) {
  const std::lock_guard lock(mutex_);
  files_ = files;
  failed_ = failed;
  pixels_ = std::max<std::int64_t>(1, pixels);
  start_ = std::chrono::steady_clock::now();
}

ProgressDisplay::Place ProgressDisplay::begin(const std::string& name, std::int64_t pixels) {
  const std::lock_guard lock(mutex_);
  return running_.insert(running_.end(), File{name, pixels});
}

void ProgressDisplay::show(Place file, const Progress& progress) {
  const std::lock_guard lock(mutex_);
  file->progress = progress;
  print(*file, is_last_file() && progress.steps_done == progress.steps_total);
}

void ProgressDisplay::end(Place file, bool failed) {
  const std::lock_guard lock(mutex_);
  const bool last = is_last_file();
  const File ended = std::move(*file);
  running_.erase(file);
  ended_pixels_ += ended.pixels;
  ++(failed ? failed_ : done_);
  print(ended, last);
}

void ProgressDisplay::finish(Exit outcome) {
  const std::lock_guard lock(mutex_);
  clear_status();
  if (form_ != ProgressForm::json) return;
  print_event({{"event", "finish"},
               {"outcome", word_for(outcome)},
               {"files_done", done_},
               {"files_failed", failed_},
               {"files_total", files_},
               {"seconds", rounded(seconds())}});
}

void ProgressDisplay::print(const File& file, bool always) {
  if (form_ == ProgressForm::none) return;
  const double now = seconds();
  const bool due = shown_at_seconds_ < 0 || now - shown_at_seconds_ >= kPauseSeconds;
  if (!due && !always) return;
  shown_at_seconds_ = now;
  if (form_ == ProgressForm::json) return print_json(file);
  show_status(bar_text(file));
}

// " 42 %  17/40 steps  12.3 megapixels/s  0:12 left"; of many files, how many of them are over.
std::string ProgressDisplay::bar_text(const File& file) const {
  const double part = share();
  const double megapixels = static_cast<double>(pixels_) * 1e-6;
  const std::string counts =
      files_ == 1 ? fmt::format("{}/{} steps", file.progress.steps_done, file.progress.steps_total)
                  : fmt::format("{}/{} files  {:.1f}/{:.1f} megapixels", done_ + failed_, files_,
                                part * megapixels, megapixels);
  const std::string left =
      part > 0 ? duration_text(seconds() * (1 - part) / part) + " left" : "starting";
  return fmt::format("{:3.0f} %  {}  {:.1f} megapixels/s  {}", 100 * part, counts,
                     part * megapixels / seconds(), left);
}

void ProgressDisplay::print_json(const File& file) const {
  const double part = share();
  print_event({{"event", "progress"},
               {"file", file.name},
               {"done", file.progress.steps_done},
               {"total", file.progress.steps_total},
               {"files_done", done_},
               {"files_failed", failed_},
               {"files_total", files_},
               {"seconds", rounded(seconds())},
               {"seconds_left", part > 0 ? Json(rounded(seconds() * (1 - part) / part)) : Json()}});
}

}  // namespace sectile::cli
