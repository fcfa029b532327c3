// Scheduler: who may do what next. The one place where the threads of a run meet.
//
// A run goes down the image in strips, one per row of tiles. The reader fills strips in order, the
// writer takes finished strips in order. Workers either take any tile, in order (wait_for_tile), or
// each goes down a column of its own (wait_for_tile_of). Only a few strips exist at a time (a slot
// each): a reader or a worker that is too far ahead waits, so nothing piles up. The first error, or
// the caller's stop flag, ends all waiting.
//
// Thread safety: all members from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {

struct TileIndex {
  std::int64_t strip = 0;
  std::int64_t column = 0;
};

class Scheduler {
 public:
  // REQUIRES: all at least 1; stop may be null.
  Scheduler(std::int64_t strips, std::int64_t columns, std::int64_t slots,
            const std::atomic<bool>* stop);

  // Each waits for its turn and returns false (or nothing) when there is nothing more to do or the
  // run has ended.
  bool wait_to_read(std::int64_t strip);     // the strip's slot is free for input
  std::optional<TileIndex> wait_for_tile();  // the strip is read and its slot is free for output
  std::optional<TileIndex> wait_for_tile_of(std::int64_t column);  // the next one in that column
  bool wait_to_write(std::int64_t strip);  // all tiles of the strip are done

  void strip_is_read(std::int64_t strip);
  void tile_is_done(TileIndex tile);
  void strip_is_written(std::int64_t strip);

  // The first error stays.
  void end_with(Error error);
  // The error that ended the run; `cancelled` when the stop flag did.
  std::optional<Error> error() const;

 private:
  bool ready_for_work(std::int64_t strip) const;
  bool ended_locked();
  bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& ready);

  const std::int64_t strips_;
  const std::int64_t columns_;
  const std::int64_t slots_;
  const std::atomic<bool>* stop_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> error_;
  std::int64_t strips_read_ = 0;
  std::int64_t strips_written_ = 0;
  TileIndex next_;
  std::vector<std::int64_t> next_strips_;  // per column, for wait_for_tile_of
  std::vector<std::int64_t> tiles_left_;   // per strip
};

}  // namespace sectile::internal
