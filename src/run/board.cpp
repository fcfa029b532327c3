#include "src/run/board.h"

#include <chrono>
#include <utility>

namespace sectile {

namespace {
// A signal handler can only set the flag, it cannot wake anybody: waiting threads look at it this
// often.
constexpr std::chrono::milliseconds kStopPoll{20};
}  // namespace

Board::Board(std::int64_t bands, std::int64_t columns, std::int64_t slots,
             const std::atomic<bool>* stop)
    : bands_(bands),
      columns_(columns),
      slots_(slots),
      stop_(stop),
      next_bands_(static_cast<std::size_t>(columns), 0),
      tiles_left_(static_cast<std::size_t>(bands), columns) {}

bool Board::ended_locked() {
  if (!error_ && stop_ != nullptr && stop_->load()) {
    error_ = Error{ErrorCode::cancelled, "[run] stopped before the end; no output was written"};
    changed_.notify_all();
  }
  return error_.has_value();
}

bool Board::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& ready) {
  while (!ended_locked()) {
    if (ready()) return true;
    changed_.wait_for(lock, kStopPoll);
  }
  return false;
}

bool Board::wait_to_read(std::int64_t band) {
  std::unique_lock lock(mutex_);
  return wait(lock, [&] {
    return band < slots_ || tiles_left_[static_cast<std::size_t>(band - slots_)] == 0;
  });
}

// Or there is no such band, and so nothing to wait for.
bool Board::ready_for_work(std::int64_t band) const {
  return band >= bands_ || (band < bands_read_ && band < bands_written_ + slots_);
}

std::optional<TileIndex> Board::wait_for_tile_of(std::int64_t column) {
  std::unique_lock lock(mutex_);
  std::int64_t& next = next_bands_[static_cast<std::size_t>(column)];
  if (!wait(lock, [&] { return ready_for_work(next); }) || next >= bands_) return std::nullopt;
  return TileIndex{next++, column};
}

std::optional<TileIndex> Board::wait_for_tile() {
  std::unique_lock lock(mutex_);
  const bool ready = wait(lock, [&] { return ready_for_work(next_.band); });
  if (!ready || next_.band >= bands_) return std::nullopt;
  const TileIndex tile = next_;
  if (++next_.column == columns_) {
    next_ = {next_.band + 1, 0};
    changed_.notify_all();
  }
  return tile;
}

bool Board::wait_to_write(std::int64_t band) {
  std::unique_lock lock(mutex_);
  return wait(lock, [&] { return tiles_left_[static_cast<std::size_t>(band)] == 0; });
}

void Board::band_is_read(std::int64_t band) {
  const std::lock_guard lock(mutex_);
  bands_read_ = band + 1;
  changed_.notify_all();
}

void Board::tile_is_done(TileIndex tile) {
  const std::lock_guard lock(mutex_);
  if (--tiles_left_[static_cast<std::size_t>(tile.band)] == 0) changed_.notify_all();
}

void Board::band_is_written(std::int64_t band) {
  const std::lock_guard lock(mutex_);
  bands_written_ = band + 1;
  changed_.notify_all();
}

void Board::end_with(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  changed_.notify_all();
}

std::optional<Error> Board::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace sectile
