// The line on the terminal that tells how far a run is.
#pragma once

#include <string>

#include "sectile/run.h"

namespace sectile::cli {

// " 42 %  17/40 tiles  12.3 megapixels/s  0:12 left"
std::string progress_text(const Progress& progress, std::int64_t image_px);

// Rewrites one line of stderr, at most ten times a second. Destroying it clears the line.
// Thread safety: none; the library calls on_progress from one thread at a time.
class ProgressLine {
 public:
  // Shows nothing unless `wanted` and stderr is a terminal. `image_px`: pixels of the whole image.
  ProgressLine(bool wanted, std::int64_t image_px);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);

 private:
  bool visible_;
  std::int64_t image_px_;
  double shown_at_seconds_ = -1;  // below 0: never
};

}  // namespace sectile::cli
