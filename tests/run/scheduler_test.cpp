#include "src/run/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace sectile::internal {
namespace {

using std::chrono_literals::operator""ms;

// A call that is expected to wait, on a thread of its own.
template <typename Call>
auto in_background(Call call) {
  return std::async(std::launch::async, call);
}

template <typename T>
bool is_waiting(const std::future<T>& future) {
  return future.wait_for(60ms) == std::future_status::timeout;
}

void do_tiles(Scheduler& board, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto tile = board.wait_for_tile();
    ASSERT_TRUE(tile);
    board.tile_is_done(*tile);
  }
}

TEST(Scheduler, HandsTilesOutInOrder) {
  Scheduler board(2, 3, 2, nullptr);
  board.strip_is_read(0);
  board.strip_is_read(1);
  for (std::int64_t strip = 0; strip < 2; ++strip) {
    for (std::int64_t column = 0; column < 3; ++column) {
      const auto tile = board.wait_for_tile();
      ASSERT_TRUE(tile);
      EXPECT_EQ(tile->strip, strip);
      EXPECT_EQ(tile->column, column);
    }
  }
  EXPECT_FALSE(board.wait_for_tile());
  EXPECT_FALSE(board.error());
}

TEST(Scheduler, LetsEachColumnGoDownOnItsOwn) {
  Scheduler board(3, 2, 2, nullptr);
  board.strip_is_read(0);
  board.strip_is_read(1);
  for (std::int64_t strip = 0; strip < 2; ++strip) {
    const auto tile = board.wait_for_tile_of(1);
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->strip, strip);
    EXPECT_EQ(tile->column, 1);
    board.tile_is_done(*tile);
  }
  auto third = in_background([&] { return board.wait_for_tile_of(1); });
  EXPECT_TRUE(is_waiting(third)) << "strip 2 is not read yet";
  auto write = in_background([&] { return board.wait_to_write(0); });
  EXPECT_TRUE(is_waiting(write)) << "column 0 is not done yet";
  const auto other = board.wait_for_tile_of(0);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->strip, 0);
  board.tile_is_done(*other);
  EXPECT_TRUE(write.get());
  board.strip_is_written(0);
  EXPECT_TRUE(board.wait_to_read(2));
  board.strip_is_read(2);
  EXPECT_EQ(third.get()->strip, 2);
  EXPECT_FALSE(board.wait_for_tile_of(1)) << "there are three strips";
}

TEST(Scheduler, HoldsTilesBackUntilTheirBandIsRead) {
  Scheduler board(1, 1, 1, nullptr);
  auto tile = in_background([&] { return board.wait_for_tile(); });
  EXPECT_TRUE(is_waiting(tile));
  board.strip_is_read(0);
  EXPECT_TRUE(tile.get());
}

TEST(Scheduler, HoldsTheReaderBackUntilASlotIsComputed) {
  Scheduler board(4, 2, 2, nullptr);
  EXPECT_TRUE(board.wait_to_read(0));
  EXPECT_TRUE(board.wait_to_read(1));
  board.strip_is_read(0);
  auto third = in_background([&] { return board.wait_to_read(2); });
  do_tiles(board, 1);
  EXPECT_TRUE(is_waiting(third));
  do_tiles(board, 1);
  EXPECT_TRUE(third.get());
}

TEST(Scheduler, HoldsWorkersBackUntilASlotIsWritten) {
  Scheduler board(3, 1, 2, nullptr);
  for (std::int64_t strip = 0; strip < 3; ++strip) board.strip_is_read(strip);
  do_tiles(board, 2);
  auto third = in_background([&] { return board.wait_for_tile(); });
  EXPECT_TRUE(is_waiting(third));
  board.strip_is_written(0);
  ASSERT_TRUE(third.get());
}

TEST(Scheduler, HoldsTheWriterBackUntilAllTilesOfTheBandAreDone) {
  Scheduler board(1, 3, 1, nullptr);
  board.strip_is_read(0);
  auto write = in_background([&] { return board.wait_to_write(0); });
  do_tiles(board, 2);
  EXPECT_TRUE(is_waiting(write));
  do_tiles(board, 1);
  EXPECT_TRUE(write.get());
}

TEST(Scheduler, KeepsTheFirstError) {
  Scheduler board(2, 2, 2, nullptr);
  board.end_with({ErrorCode::io, "first"});
  board.end_with({ErrorCode::internal, "second"});
  ASSERT_TRUE(board.error());
  EXPECT_EQ(board.error()->code, ErrorCode::io);
  EXPECT_EQ(board.error()->message, "first");
}

TEST(Scheduler, EndsAllWaitingWithAnError) {
  Scheduler board(4, 1, 1, nullptr);
  auto read = in_background([&] { return board.wait_to_read(1); });
  auto write = in_background([&] { return board.wait_to_write(0); });
  auto tile = in_background([&] { return board.wait_for_tile().has_value(); });
  EXPECT_TRUE(is_waiting(read) && is_waiting(write) && is_waiting(tile));
  board.end_with({ErrorCode::io, "no disk"});
  EXPECT_FALSE(read.get());
  EXPECT_FALSE(write.get());
  EXPECT_FALSE(tile.get());
}

TEST(Scheduler, EndsAllWaitingWhenTheFlagIsSet) {
  std::atomic<bool> stop = false;
  Scheduler board(4, 1, 1, &stop);
  auto read = in_background([&] { return board.wait_to_read(1); });
  auto write = in_background([&] { return board.wait_to_write(0); });
  auto tile = in_background([&] { return board.wait_for_tile().has_value(); });
  EXPECT_TRUE(is_waiting(read) && is_waiting(write) && is_waiting(tile));
  stop = true;  // nobody is woken: as a signal handler would do it
  EXPECT_FALSE(read.get());
  EXPECT_FALSE(write.get());
  EXPECT_FALSE(tile.get());
  ASSERT_TRUE(board.error());
  EXPECT_EQ(board.error()->code, ErrorCode::cancelled);
}

TEST(Scheduler, KeepsAnErrorThatCameBeforeTheFlag) {
  std::atomic<bool> stop = false;
  Scheduler board(1, 1, 1, &stop);
  board.end_with({ErrorCode::io, "no disk"});
  stop = true;
  EXPECT_FALSE(board.wait_to_read(0));
  EXPECT_EQ(board.error()->code, ErrorCode::io);
}

// Every tile once, whoever asks.
TEST(Scheduler, ServesManyWorkers) {
  constexpr std::int64_t kStrips = 40;
  constexpr std::int64_t kColumns = 7;
  Scheduler board(kStrips, kColumns, 2, nullptr);
  std::vector<std::atomic<int>> done(kStrips * kColumns);
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      for (std::int64_t strip = 0; strip < kStrips && board.wait_to_read(strip); ++strip) {
        board.strip_is_read(strip);
      }
    });
    threads.emplace_back([&] {
      for (std::int64_t strip = 0; strip < kStrips && board.wait_to_write(strip); ++strip) {
        for (std::int64_t column = 0; column < kColumns; ++column) {
          EXPECT_EQ(done[static_cast<std::size_t>(strip * kColumns + column)], 1);
        }
        board.strip_is_written(strip);
      }
    });
    for (int worker = 0; worker < 6; ++worker) {
      threads.emplace_back([&] {
        while (const auto tile = board.wait_for_tile()) {
          ++done[static_cast<std::size_t>(tile->strip * kColumns + tile->column)];
          board.tile_is_done(*tile);
        }
      });
    }
  }
  for (const auto& count : done) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace sectile::internal
