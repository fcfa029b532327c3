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
#include "sectile/host.h"
#include "sectile/image.h"
#include "sectile/output.h"

namespace [[gnu::visibility("default")]] sectile {

enum class Mode { automatic, whole, tile, stream, approximate };
const char* to_string(Mode mode);  // "auto", "whole", "tile", "stream", "approximate"

// How statistics of the whole image (means, sums, norms) are added up.
enum class StatisticsMode {
  exact,    // as ExecuTorch adds them up over the whole image: the same bits
  accurate  // in double precision, in an order that depends on the image alone
};
const char* to_string(StatisticsMode mode);  // "exact", "accurate"

// What becomes of images that one pass over the image makes and later ones need (networks that take
// statistics).
enum class KeepMode {
  automatic,  // the fastest that fits
  none,       // later passes compute them again
  memory,     // they are kept, in memory
  file        // they are kept, in a file that has no name and goes with the run
};
const char* to_string(KeepMode mode);  // "auto", "none", "memory", "file"

struct PlanOptions {
  // Peak resident memory of the process: what it holds already counts. 0: no such limit.
  std::int64_t memory_bytes = 0;
  // Peak resident memory on top of what the process holds when the plan is made. 0: no such limit.
  // Where neither limit is given, the plan takes at most half of what the machine (or the process'
  // control group) has free, and trades time for memory.
  std::int64_t own_memory_bytes = 0;
  // What the process holds without the model and the run, for predictions. 0: measured when the
  // plan is made. A tool that always holds the same gives it, so that its plans are always the
  // same.
  std::int64_t process_bytes = 0;
  int threads = 0;  // workers; 0: one per processor
  // Runs that the process does at a time, this one included. The limits of memory and of
  // `temp_folder`, and the threads, are for all of them together: the plan keeps to an equal share
  // (and takes one thread at least).
  int concurrent_runs = 1;
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
  // ExecuTorch adds up in f32, which loses small numbers beside a large sum: over more than 2^24
  // pixels a mean can be far off. `accurate` has not the bits of a whole-image run then, and the
  // output says so (ImageInfo::approximation). Of networks that take no statistics, nothing.
  StatisticsMode statistics = StatisticsMode::exact;
  // Where nothing can be kept, or it is not worth it, nothing is.
  KeepMode keep = KeepMode::automatic;
  // Of KeepMode::file: the folder, and how many bytes there may be in it at a time. Empty: $TMPDIR
  // or /tmp, and half of what is free there.
  std::string temp_folder = {};
  std::optional<std::int64_t> temp_limit_bytes = {};
  std::string method = {};  // empty: the model's default method
  // Of the file to be written. Empty: the input's; of classes u8, or u16 for more than 256, and of
  // a threshold u8, and they have no other types.
  std::optional<PixelType> output_type = {};
  // Made of the network's output in f32: softmax and sigmoid in double, rounded to f32 once. argmax
  // and softmax are of networks that have one output.
  OutputKind output = OutputKind::values;
  // Pixels are 1 where the value, share or sigmoid is at least this number (as f32), and 0 where it
  // is less or not-a-number. Finite; not of argmax.
  std::optional<double> threshold = {};
  // Names and colours of the network's bands, one for each: of argmax those of the pixels' values,
  // else the bands' descriptions. Empty: nothing is known of them.
  std::vector<ClassInfo> classes = {};
  HostOptions host = {};  // its trim_heap
};

// Network input = (pixel * scale - mean) / std. By default scale is 1 / maximum_of() the pixels,
// mean 0, std 1. mean, std and fill hold one number for all bands, or one a band (of the inputs'
// own).
struct InputScaling {
  std::optional<double> scale = {};
  std::vector<double> mean = {};
  std::vector<double> std = {};
  std::vector<double> fill = {};  // the network's input where pixels are no data; default 0
};

// With it, a network that changes nothing gives the input's pixels: `input` turned round, for that
// image.
OutputScaling to_input_units(const InputScaling& input, const ImageInfo& image);

struct Progress {
  std::int64_t steps_done = 0;
  std::int64_t steps_total = 0;
  double seconds = 0;
};

// One piece of work that a thread of the run has done.
struct RunEvent {
  enum class Kind {
    worker_begun,   // a worker has loaded its program (tiles) or made room for its lane (streams)
    strip_read,     // by the reader
    step_computed,  // by a worker; in a stream, the first step of a program loads that, too
    strip_written,  // by the writer
  };
  Kind kind = Kind::strip_read;
  int worker = -1;           // whose work it was; -1: the reader's or the writer's
  std::int64_t strip = -1;   // row of tiles, or step of the stream; from 0, downwards; -1: of none
  std::int64_t column = -1;  // of a step: its tile in that row, or its lane
  Range rows = {};  // of the image (read) or of the output (computed, written); may be empty
  double begin_seconds = 0;  // since the run began
  double end_seconds = 0;
};
const char* to_string(RunEvent::Kind kind);  // "worker_begun", "strip_read", ...

struct RunOptions {
  InputScaling input = {};
  OutputScaling output = {};
  // Called from one of the run's threads at a time, after every step.
  std::function<void(const Progress&)> on_progress = {};
  // Called from one of the run's threads at a time (the reader, the writer, a worker), after each
  // piece of work; all of them wait for it. Empty: nothing is measured.
  std::function<void(const RunEvent&)> on_event = {};
  // Set it to stop within one step: the run returns `cancelled` and the sink is not finished.
  const std::atomic<bool>* stop = nullptr;
};

}  // namespace sectile
