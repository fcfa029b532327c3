// FaultySource, FaultySink: an image that breaks or dawdles on command. For tests of whoever reads
// and writes images.
//
// Each wraps another source or sink. A call waits a random time first (so threads meet in ever new
// orders), then fails with io when its turn has come, else goes on to the wrapped one. All later
// calls fail too. The message says "faulty" and the call's number.
//
// Thread safety: as ImageSource and ImageSink ask; calls() may be read from any thread.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

#include "sectile/image.h"

namespace sectile::internal::testing {

struct Faults {
  std::int64_t fail_at_call = -1;  // 0 is the first call; below 0: no call fails
  std::chrono::microseconds longest_wait{0};
  std::uint32_t seed = 1;  // of the waits
};

// Counts calls, waits, and decides whether a call fails.
class FaultClock {
 public:
  explicit FaultClock(Faults faults) : faults_(faults), random_(faults.seed) {}

  Status tick(const char* operation) {
    const std::int64_t call = calls_++;
    std::uniform_int_distribution<std::int64_t> wait_us(0, faults_.longest_wait.count());
    const std::chrono::microseconds wait(wait_us(random_));
    if (wait.count() > 0) std::this_thread::sleep_for(wait);
    if (faults_.fail_at_call < 0 || call < faults_.fail_at_call) return {};
    return fail(ErrorCode::io, fmt::format("[{}] faulty on purpose: call {}", operation, call));
  }
  std::int64_t calls() const { return calls_; }

 private:
  Faults faults_;
  std::mt19937 random_;
  std::atomic<std::int64_t> calls_ = 0;
};

// Calls are those of read().
class FaultySource final : public ImageSource {
 public:
  // REQUIRES: `inner` outlives this.
  FaultySource(ImageSource& inner, Faults faults) : inner_(inner), clock_(faults) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status read(const Rect& rect, std::span<float> out) override {
    if (auto status = clock_.tick("read"); !status) return status;
    return inner_.read(rect, out);
  }
  std::int64_t calls() const { return clock_.calls(); }

 private:
  ImageSource& inner_;
  FaultClock clock_;
};

// Calls are those of write(), complete() and finish() together.
class FaultySink final : public ImageSink {
 public:
  // REQUIRES: `inner` outlives this.
  FaultySink(ImageSink& inner, Faults faults) : inner_(inner), clock_(faults) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status write(Range rows, std::span<const float> pixels) override {
    if (auto status = clock_.tick("write"); !status) return status;
    return inner_.write(rows, pixels);
  }
  Status complete() override {
    if (auto status = clock_.tick("complete"); !status) return status;
    return inner_.complete();
  }
  Status finish() override {
    if (auto status = clock_.tick("finish"); !status) return status;
    return inner_.finish();
  }
  std::int64_t calls() const { return clock_.calls(); }

 private:
  ImageSink& inner_;
  FaultClock clock_;
};

}  // namespace sectile::internal::testing
