#include "src/run/scheduler.h"

#include <chrono>
#include <utility>

namespace sectile::internal {

namespace {
// A signal handler can only set the flag, it cannot wake anybody: waiting threads look at it this
// often.
constexpr std::chrono::milliseconds kStopPoll{20};
}  // namespace

Scheduler::Scheduler(std::int64_t strips, std::int64_t columns, std::int64_t slots,
                     const std::atomic<bool>* stop)
    : strips_(strips),
      columns_(columns),
      slots_(slots),
      stop_(stop),
      next_strips_(static_cast<std::size_t>(columns), 0),
      tiles_left_(static_cast<std::size_t>(strips), columns) {}

bool Scheduler::ended_locked() {
  if (!error_ && stop_ != nullptr && stop_->load()) {
    error_ = Error{ErrorCode::cancelled, "[run] stopped before the end; no output was written"};
    changed_.notify_all();
  }
  return error_.has_value();
}

bool Scheduler::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& ready) {
  while (!ended_locked()) {
    if (ready()) return true;
    changed_.wait_for(lock, kStopPoll);
  }
  return false;
}

bool Scheduler::wait_to_read(std::int64_t strip) {
  std::unique_lock lock(mutex_);
  return wait(lock, [&] {
    return strip < slots_ || tiles_left_[static_cast<std::size_t>(strip - slots_)] == 0;
  });
}

// Or there is no such strip, and so nothing to wait for.
bool Scheduler::ready_for_work(std::int64_t strip) const {
  return strip >= strips_ || (strip < strips_read_ && strip < strips_written_ + slots_);
}

std::optional<TileIndex> Scheduler::wait_for_tile_of(std::int64_t column) {
  std::unique_lock lock(mutex_);
  std::int64_t& next = next_strips_[static_cast<std::size_t>(column)];
  if (!wait(lock, [&] { return ready_for_work(next); }) || next >= strips_) return std::nullopt;
  return TileIndex{next++, column};
}

std::optional<TileIndex> Scheduler::wait_for_tile() {
  std::unique_lock lock(mutex_);
  const bool ready = wait(lock, [&] { return ready_for_work(next_.strip); });
  if (!ready || next_.strip >= strips_) return std::nullopt;
  const TileIndex tile = next_;
  if (++next_.column == columns_) {
    next_ = {next_.strip + 1, 0};
    changed_.notify_all();
  }
  return tile;
}

bool Scheduler::wait_to_write(std::int64_t strip) {
  std::unique_lock lock(mutex_);
  return wait(lock, [&] { return tiles_left_[static_cast<std::size_t>(strip)] == 0; });
}

void Scheduler::strip_is_read(std::int64_t strip) {
  const std::lock_guard lock(mutex_);
  strips_read_ = strip + 1;
  changed_.notify_all();
}

void Scheduler::tile_is_done(TileIndex tile) {
  const std::lock_guard lock(mutex_);
  if (--tiles_left_[static_cast<std::size_t>(tile.strip)] == 0) changed_.notify_all();
}

void Scheduler::strip_is_written(std::int64_t strip) {
  const std::lock_guard lock(mutex_);
  strips_written_ = strip + 1;
  changed_.notify_all();
}

void Scheduler::end_with(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  changed_.notify_all();
}

std::optional<Error> Scheduler::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace sectile::internal
