// Options of a plan and of a run.
//
// Thread safety: plain data.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"

namespace [[gnu::visibility("default")]] sectile {

enum class Mode { automatic, whole, tile, stream, approximate };
const char* to_string(Mode mode);  // "auto", "whole", "tile", "stream", "approximate"

struct PlanOptions {
  // Most resident memory that the process may ever hold, what it holds already included. 0: half of
  // what the machine (or the process' control group) has free; time is then traded for memory.
  std::int64_t memory_bytes = 0;
  int threads = 0;  // workers; 0: one per processor
  Mode mode = Mode::automatic;
  std::optional<Size> tile = {};  // input pixels; fitted downwards to the image. Implies Mode::tile
  // Input rows of a step, a multiple of the network's grid. Implies Mode::stream.
  std::optional<std::int64_t> step_rows = {};
  // Of Mode::approximate: input pixels that neighbouring tiles share at least, up to half a tile.
  // Empty: a quarter of a tile.
  std::optional<std::int64_t> overlap_px = {};
  // The pixels of the output that are to be made, with the bits that they have in all of it; only
  // what they are computed from is read. Empty: all of the output. Not with Mode::approximate.
  std::optional<Rect> window = {};
  std::string method = {};                    // empty: the model's default method
  std::optional<PixelType> output_type = {};  // of the file to be written; empty: the input's
  // What the sink, which exists already, holds (its info().held_bytes). 0: a row of blocks of 256
  // rows, for a source that has blocks.
  std::int64_t output_held_bytes = 0;
};

// Network input = (pixel * scale - mean) / std. By default scale is 1 / the pixel type's maximum,
// mean 0, std 1. mean and std hold one number for all bands, or one a band (of the inputs' own).
struct InputScaling {
  std::optional<double> scale = {};
  std::vector<double> mean = {};
  std::vector<double> std = {};
};

struct Progress {
  std::int64_t steps_done = 0;
  std::int64_t steps_total = 0;
  double seconds = 0;
};

struct RunOptions {
  InputScaling input = {};
  // Called from one of the run's threads at a time, after every step.
  std::function<void(const Progress&)> on_progress = {};
  // Set it to stop within one step: the run returns `cancelled` and the sink is not finished.
  const std::atomic<bool>* stop = nullptr;
};

}  // namespace sectile
