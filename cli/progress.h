// How far a run over one file or many is: a line on the terminal, or lines of JSON, on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>

#include "cli/command.h"
#include "sectile/options.h"
#include "sectile/result.h"

namespace sectile::cli {

// `automatic`: a bar where stderr is a terminal, else nothing.
enum class ProgressForm { automatic, bar, json, none };
Result<ProgressForm> parse_progress(const std::string& text);  // "bar", "json", "none"

// Shows at most ten times a second how far the files are, and always the first and the last step of
// all. In JSON an event "finish" with the outcome follows at the end.
// Thread safety: any thread; the calls for one file must not overlap.
class ProgressDisplay {
 public:
  struct File {
    std::string name;
    std::int64_t pixels = 0;  // that are read of it
    Progress progress = {};
  };
  using Place = std::list<File>::iterator;

  explicit ProgressDisplay(ProgressForm form);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  // So many files will come, which have so many pixels together; some `failed` before they began.
  void expect(std::int64_t files, std::int64_t pixels, std::int64_t failed = 0);
  Place begin(const std::string& name, std::int64_t pixels);
  void show(Place file, const Progress& progress);
  // Without success where it `failed`. The place is no longer valid.
  void end(Place file, bool failed);
  // Once, after the last file.
  void finish(Exit outcome);

  std::int64_t files_done() const { return done_; }
  double seconds() const;

 private:
  bool is_last_file() const { return done_ + failed_ + 1 == files_; }
  void print(const File& file, bool always);
  double share() const;
  std::string bar_text(const File& file) const;
  void print_json(const File& file) const;

  ProgressForm form_;
  std::int64_t files_ = 1;
  std::int64_t pixels_ = 1;
  std::int64_t done_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t ended_pixels_ = 0;  // of the files that ended
  std::list<File> running_;
  double shown_at_seconds_ = -1;  // below 0: never
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace sectile::cli
