// Sessions made and destroyed many times: nothing is left behind, and nothing is shared that must
// not be.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "src/program/read_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "tests/runtime/programs.h"
#include "tests/support/sanitizers.h"

namespace sectile::internal {
namespace {

std::int64_t resident_bytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::int64_t total_pages = 0, resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

std::unique_ptr<Session> load(LoadedProgram& program) {
  auto session = program.load("forward", kImage, kFeatures, Threading::caller);
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  return session ? std::move(*session) : nullptr;
}

TEST(Lifetime, TwoHundredLoadsLeaveNothingBehind) {
  const auto program = open_program("group_norm.pte");
  const auto values = test_values(kImage);
  const auto expected = run_once(*load(*program), values);
  const auto load_and_run = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(run_once(*load(*program), values), expected);
  };
  load_and_run(50);
  const std::int64_t before_bytes = resident_bytes();
  load_and_run(200);
  const std::int64_t grown_bytes = resident_bytes() - before_bytes;
  RecordProperty("grown_bytes", std::to_string(grown_bytes));
  // A session takes 100 KiB and more: a leak of any of its parts would show.
  if (!kSanitized) {
    EXPECT_LT(grown_bytes, 1 << 20);
  }
}

TEST(Lifetime, TwoHundredProgramsLeaveNothingBehind) {
  const auto bytes = read_program("group_norm.pte");
  const auto open_and_close = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(load_program(in_pieces(bytes)));
  };
  open_and_close(50);
  const std::int64_t before_bytes = resident_bytes();
  open_and_close(200);
  if (!kSanitized) {
    EXPECT_LT(resident_bytes() - before_bytes, 1 << 19);
  }
}

// XNNPACK's delegate finds a session's workspace by an address, and addresses come back after a
// session is gone.
TEST(Lifetime, SessionsThatComeAndGoDoNotDisturbTheOthers) {
  const auto program = open_program("two_convs.pte");
  const auto values = test_values(kImage);
  const auto expected = run_once(*load(*program), values);
  std::vector<std::unique_ptr<Session>> sessions(8);
  for (std::size_t i = 0; i < 200; ++i) {
    sessions[i * 5 % sessions.size()].reset();
    sessions[i * 3 % sessions.size()] = load(*program);
    for (const auto& session : sessions) {
      if (session) {
        ASSERT_EQ(run_once(*session, values), expected);
      }
    }
  }
}

TEST(Lifetime, ThreadsLoadAndDestroyAtTheSameTime) {
  const auto program = open_program("group_norm.pte");
  const auto values = test_values(kImage);
  const auto expected = run_once(*load(*program), values);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) EXPECT_EQ(run_once(*load(*program), values), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sectile::internal
