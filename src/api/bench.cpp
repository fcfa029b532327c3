#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "sectile/run.h"
#include "src/base/system.h"
#include "src/run/pipeline.h"
#include "src/runtime/tile_buffer.h"
#include "src/session/prepared_run.h"
#include "src/session/tile_program.h"

namespace sectile {

using namespace internal;

namespace {
using Clock = std::chrono::steady_clock;

// ExecuTorch's pool goes on spinning for a while after its last work, on the cores the other side
// needs.
constexpr std::chrono::milliseconds kSettle{200};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Noise in [0, 1), the same on every machine.
void fill_with_noise(std::span<float> values) {
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8U) * 0x1p-24F;
  }
}

ImageInfo noise_info(const PlanData& plan, std::int64_t bands) {
  ImageInfo info;
  info.size = plan.image;
  info.bands = static_cast<int>(bands);
  info.pixel_type = PixelType::f32;
  return info;
}

class Bench {
 public:
  Bench(const PlanData& plan, const BenchOptions& options, MakeWorker workers, TileProgram whole)
      : plan_(plan), options_(options), workers_(std::move(workers)), whole_(std::move(whole)) {}

  Result<BenchReport> run() {
    auto image = TileBuffer::allocate(plan_.image.area() * whole_.input().channels);
    if (!image) return fail(image.error());
    image_ = std::move(*image);
    fill_with_noise(image_.values());
    if (auto status = measure_memory(); !status) return fail(status.error());
    if (auto status = measure_time(); !status) return fail(status.error());
    return finish();
  }

 private:
  // Each side alone, from nothing: how far the peak rises above what the process held before.
  Status measure_memory() {
    reset_peak_rss();
    std::int64_t base_bytes = current_rss_bytes();
    auto status = planned_run();
    if (!status) return status;
    report_.planned.peak_rss_bytes = peak_rss_bytes() - base_bytes;
    state_ = {};
    reset_peak_rss();
    base_bytes = current_rss_bytes();
    status = whole_run();
    report_.whole.peak_rss_bytes = peak_rss_bytes() - base_bytes;
    return status;
  }

  // In turns, both warm.
  Status measure_time() {
    if (auto status = planned_run(); !status) return status;
    for (int round = 0; round < options_.rounds; ++round) {
      if (options_.stop != nullptr && options_.stop->load()) {
        return fail(ErrorCode::cancelled, "[bench] stopped before the last round");
      }
      if (auto status = whole_run(); !status) return status;
      std::this_thread::sleep_for(kSettle);
      if (auto status = planned_run(); !status) return status;
      ratios_.push_back(planned_seconds_.back() / whole_seconds_.back());
    }
    return {};
  }

  // The first run loads the session and makes the buffers; it is not counted.
  Status whole_run() {
    const bool warm = whole_run_.has_value();
    if (!warm) {
      MemorySource source(noise_info(plan_, whole_.input().channels), image_.values());
      auto prepared = whole_.prepare_whole_run(source, {});
      if (!prepared) return fail(prepared.error());
      whole_run_ = std::move(*prepared);
    }
    const auto start = Clock::now();
    auto status = whole_run_->run();
    if (warm) whole_seconds_.push_back(seconds_since(start));
    return status;
  }

  // Likewise.
  Status planned_run() {
    MemorySource source(noise_info(plan_, whole_.input().channels), image_.values());
    MemorySink sink(float_output(plan_));
    const PipelineSetup setup{plan_, workers_, whole_.parts()};
    const bool warm = !state_.workers.empty();
    RunOptions options;
    options.stop = options_.stop;
    const auto start = Clock::now();
    const auto result = run_pipeline(setup, state_, source, sink, options);
    if (!result) return fail(result.error());
    if (warm) {
      planned_seconds_.push_back(seconds_since(start));
      copy_seconds_ += result->copy_seconds;
      busy_seconds_ += result->copy_seconds + result->compute_seconds;
    }
    if (whole_run_) {
      report_.differing =
          compare(whole_run_->output.values(), whole_.output(), sink.pixels(), plan_.window)
              .differing;
    }
    return {};
  }

  BenchReport finish() {
    report_.whole.median_seconds = median(whole_seconds_);
    report_.whole.min_seconds = std::ranges::min(whole_seconds_);
    report_.whole_threads = shared_pool_threads();
    report_.planned.median_seconds = median(planned_seconds_);
    report_.planned.min_seconds = std::ranges::min(planned_seconds_);
    report_.planned.copy_share = copy_seconds_ / busy_seconds_;
    report_.time_ratio = median(ratios_);
    report_.memory_ratio =
        static_cast<double>(report_.planned.peak_rss_bytes) /
        static_cast<double>(std::max<std::int64_t>(1, report_.whole.peak_rss_bytes));
    return report_;
  }

  const PlanData& plan_;
  const BenchOptions& options_;
  MakeWorker workers_;
  TileProgram whole_;
  TileBuffer image_;
  PipelineState state_;
  std::optional<WholeRun> whole_run_;
  std::vector<double> whole_seconds_;
  std::vector<double> planned_seconds_;
  std::vector<double> ratios_;
  double copy_seconds_ = 0;
  double busy_seconds_ = 0;
  BenchReport report_;
};

}  // namespace

Result<BenchReport> bench(const Model& model, const Plan& plan_of_model,
                          const BenchOptions& options) {
  const PlanData& plan = plan_of_model.data();
  if (auto status = check_model(model, plan); !status) return fail(status.error());
  if (options.rounds < 1) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[bench] {} rounds measure nothing", options.rounds));
  }
  if (plan.mode == Mode::approximate) {
    return fail(ErrorCode::invalid_argument,
                "[bench] an approximate run has no whole-image run beside it");
  }
  auto workers = workers_of(model, plan, Reuse::once);
  if (!workers) return fail(workers.error());
  auto whole = TileProgram::for_whole_image(model, plan);
  if (!whole) return fail(whole.error());
  return Bench(plan, options, std::move(*workers), std::move(*whole)).run();
}

}  // namespace sectile
