#include "cli/bench_runs.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "cli/input.h"
#include "cli/process_memory.h"
#include "sectile/run.h"

namespace sectile::cli {

namespace {

// ExecuTorch's pool goes on spinning for a while after its last work, on the cores the other side
// needs.
constexpr std::chrono::milliseconds kSettle{200};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Result<Plan> whole_plan(const Plan& plan, int threads) {
  PlanOptions options;
  options.mode = Mode::whole;
  options.threads = threads;
  options.method = plan.method();
  options.memory_bytes = std::numeric_limits<std::int64_t>::max();
  return make_plan(plan.model(), plan.input_info(), options);
}

std::int64_t count_differing(std::span<const float> a, std::span<const float> b) {
  std::int64_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) ++differing;
  }
  return differing;
}

class Bench {
 public:
  Bench(const Plan& planned, const Plan& whole, std::span<const float> pixels,
        const std::atomic<bool>& stop)
      : planned_(planned), whole_(whole), pixels_(pixels), stop_(stop) {}

  Result<BenchReport> run(int rounds) {
    if (auto status = measure_memory(); !status) return fail(status.error());
    for (int round = 0; round < rounds; ++round) {
      if (auto status = measure_round(); !status) return fail(status.error());
    }
    return report();
  }

 private:
  // One side: its plan, its runner once it is prepared, and its output of the last run.
  struct Side {
    explicit Side(const Plan& of) : plan(of), output(of.output_info()) {}
    const Plan& plan;
    std::optional<Runner> runner;
    MemorySink output;
    std::vector<double> seconds;
    BenchResult result;
  };

  Result<RunReport> run_once(Side& side) {
    if (!side.runner) {
      auto runner = Runner::prepare(side.plan);
      if (!runner) return fail(runner.error());
      side.runner = std::move(*runner);
    }
    MemorySource source(side.plan.input_info(), pixels_);
    RunOptions options;
    options.stop = &stop_;
    return side.runner->run(source, side.output, options);
  }

  // Each side alone, from nothing: how far the peak rises above what the process held before.
  Status measure_memory() {
    for (Side* side : {&planned_, &whole_}) {
      const std::int64_t held_bytes = restart_peak_bytes();
      const auto first = run_once(*side);
      if (!first) return fail(first.error());
      side->result.peak_rss_bytes = first->peak_rss_bytes - held_bytes;
      side->runner.reset();
    }
    for (Side* side : {&planned_, &whole_}) {
      if (auto warm = run_once(*side); !warm) return fail(warm.error());
    }
    return {};
  }

  Status measure_round() {
    const auto whole = run_once(whole_);
    if (!whole) return fail(whole.error());
    whole_.seconds.push_back(whole->compute_seconds);
    std::this_thread::sleep_for(kSettle);
    const auto planned = run_once(planned_);
    if (!planned) return fail(planned.error());
    planned_.seconds.push_back(planned->total_seconds);
    copy_seconds_ += planned->copy_seconds;
    busy_seconds_ += planned->copy_seconds + planned->compute_seconds;
    ratios_.push_back(planned->total_seconds / whole->compute_seconds);
    return {};
  }

  BenchReport report() {
    for (Side* side : {&planned_, &whole_}) {
      side->result.median_seconds = median(side->seconds);
      side->result.min_seconds = std::ranges::min(side->seconds);
    }
    BenchReport report{.whole = whole_.result,
                       .whole_threads = whole_.plan.threads(),
                       .planned = planned_.result,
                       .copy_share = copy_seconds_ / busy_seconds_,
                       .time_ratio = median(ratios_)};
    report.memory_ratio =
        static_cast<double>(report.planned.peak_rss_bytes) /
        static_cast<double>(std::max<std::int64_t>(1, report.whole.peak_rss_bytes));
    report.differing = count_differing(whole_.output.pixels(), planned_.output.pixels());
    return report;
  }

  Side planned_;
  Side whole_;
  std::span<const float> pixels_;
  const std::atomic<bool>& stop_;
  std::vector<double> ratios_;
  double copy_seconds_ = 0;
  double busy_seconds_ = 0;
};

}  // namespace

Result<BenchReport> run_bench(const Plan& plan, int rounds, const std::atomic<bool>& stop) {
  const auto whole = whole_plan(plan, std::max(plan.workers(), plan.threads()));
  if (!whole) return fail(whole.error());
  const ImageInfo& info = plan.input_info();
  std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands));
  NoiseSource noise(info.size, info.bands);
  if (auto status = noise.read(Rect::of(info.size), pixels); !status) return fail(status.error());
  return Bench(plan, *whole, pixels, stop).run(rounds);
}

}  // namespace sectile::cli
