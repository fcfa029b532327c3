// What `sectile bench` measures: a plan beside one run over the whole image.
#pragma once

#include <atomic>
#include <cstdint>

#include "sectile/plan.h"
#include "sectile/result.h"

namespace sectile::cli {

struct BenchResult {
  double median_seconds = 0;
  double min_seconds = 0;
  std::int64_t peak_rss_bytes = 0;  // above what the process held before
};

struct BenchReport {
  BenchResult whole;  // ExecuTorch's run over the whole image: its compute time alone
  int whole_threads = 1;
  BenchResult planned;    // the plan, from the first row read to the last one written
  double copy_share = 0;  // gather, crop and scatter as a share of the planned workers' time
  double time_ratio = 0;  // median over the rounds of planned : whole
  double memory_ratio = 0;
  std::int64_t differing = 0;  // values
};

// Whole and planned runs in turns, over an image of noise in memory, both prepared once.
// Errors: those of Runner; cancelled.
Result<BenchReport> run_bench(const Plan& plan, int rounds, const std::atomic<bool>& stop);

}  // namespace sectile::cli
