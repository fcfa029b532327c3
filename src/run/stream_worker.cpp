#include "src/run/stream_worker.h"

#include <optional>
#include <utility>

#include "src/run/stopwatch.h"

namespace sectile::internal {

namespace {

using MakeLane = std::function<Result<StreamLane>()>;

class StreamWorker final : public Worker {
 public:
  StreamWorker(MakeLane make_lane, bool keep_lane)
      : make_lane_(std::move(make_lane)), keep_lane_(keep_lane) {}

  Status load() override {
    if (!keep_lane_) return {};
    if (auto status = make_lane(); !status) return status;
    return lane_->load_kept();
  }

  Status begin() override {
    if (!lane_ || !keep_lane_) return make_lane();
    lane_->restart();
    return {};
  }

  Result<Done> compute(const TileTask& work, TaskSeconds& seconds) override {
    const Rect taken = lane_->next_image();
    const Rect made = lane_->next_output();
    if (!taken.empty()) {
      const Stopwatch watch(seconds.copy);
      gather(work.input, taken, Layout::interleaved, lane_->image_rows());
    }
    std::span<const float> values;
    {
      const Stopwatch watch(seconds.compute);
      const auto rows = lane_->step(!work.reads_data);
      if (!rows) return fail(rows.error());
      values = *rows;
    }
    const Done done = lane_->repeated() ? Done::left_out : Done::computed;
    const Rect kept = made.intersect(work.output.rect);
    if (kept.empty()) return done;
    const Stopwatch watch(seconds.copy);
    scatter(values, Layout::interleaved, made, kept, work.output);
    return done;
  }

 private:
  // The lane of an earlier run goes first: only one takes memory at a time.
  Status make_lane() {
    lane_.reset();
    auto lane = make_lane_();
    if (!lane) return fail(lane.error());
    lane_.emplace(std::move(*lane));
    return {};
  }

  MakeLane make_lane_;
  bool keep_lane_;
  std::optional<StreamLane> lane_;
};

}  // namespace

MakeWorker stream_workers(std::function<Result<StreamLane>(int index)> make_lane, bool keep_lanes) {
  return [make = std::move(make_lane), keep_lanes](int index) -> Result<std::unique_ptr<Worker>> {
    return std::make_unique<StreamWorker>([make, index] { return make(index); }, keep_lanes);
  };
}

}  // namespace sectile::internal
