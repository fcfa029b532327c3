// run, verify, bench: carry a plan out, prove it, measure it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/plan.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

// The images of a method's inputs as the one image that it takes; a single image is that one.
// REQUIRES: at least one. Errors: not_found (no such method), unsupported and not_exact (it cannot
// be cut), invalid_argument (images, bands, sizes or pixel types that do not fit the inputs or each
// other).
Result<std::unique_ptr<ImageSource>> join_inputs(const Model& model, const std::string& method,
                                                 std::vector<std::unique_ptr<ImageSource>> images);

// How far the tiles of an approximate run differ where they overlap: at each output value that
// several tiles gave, the largest less the smallest of them, as a share of the range of all that
// tiles gave in that band. So 0 is the same value, 1 the whole range; a value that is not finite
// counts as 1.
struct Disagreement {
  std::int64_t values = 0;  // that several tiles gave
  double rms = 0;           // root of the mean square over those
  double max = 0;
};

struct RunReport {
  double total_seconds = 0;
  double read_seconds = 0;          // of the reading thread
  double compute_seconds = 0;       // of the workers, added up
  double copy_seconds = 0;          // gather, crop and scatter, added up over the workers
  double write_seconds = 0;         // of the writing thread
  std::int64_t peak_rss_bytes = 0;  // of the process so far
  std::optional<Disagreement> disagreement = {};  // of an approximate run of several tiles
};

// Reads the source, runs the plan, writes and finishes the sink. Reading goes on ahead of compute
// and writing behind it. The output's integer pixel types hold the network's output times the
// type's maximum.
// Errors: cancelled, io, corrupt, invalid_argument (source or sink differ from the plan), internal.
// The first error wins; the sink is then not finished.
Result<RunReport> run(const Model& model, const Plan& plan, ImageSource& source, ImageSink& sink,
                      const RunOptions& options = {});

struct VerifyReport {
  std::int64_t values = 0;
  std::int64_t differing = 0;  // values whose bits differ
  double max_abs_diff = 0;
};

// Runs the plan and one whole-image run by ExecuTorch, and compares their float outputs bit by bit.
// Needs the memory of the whole-image run.
// Errors: those of run; invalid_argument (an approximate plan).
Result<VerifyReport> verify(const Model& model, const Plan& plan, ImageSource& source,
                            const RunOptions& options = {});

struct BenchResult {
  double median_seconds = 0;
  double min_seconds = 0;
  std::int64_t peak_rss_bytes = 0;  // above what the process held before
  double copy_share = 0;            // gather, crop and scatter as a share of the workers' time
};

struct BenchReport {
  BenchResult whole;      // one whole-image run by ExecuTorch
  int whole_threads = 1;  // size of the thread pool it had
  BenchResult planned;    // the plan
  double time_ratio = 0;  // median over the rounds of planned : whole
  double memory_ratio = 0;
  std::int64_t differing = 0;
};

struct BenchOptions {
  int rounds = 5;
  HostOptions host = {};  // its reset_peak_rss
  const std::atomic<bool>* stop = nullptr;
};

// Whole and planned runs in turns, in this process, over an image of noise in memory.
// Errors: those of run; invalid_argument (less than one round, an approximate plan).
Result<BenchReport> bench(const Model& model, const Plan& plan, const BenchOptions& options = {});

}  // namespace sectile
