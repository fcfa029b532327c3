// The fake keeps its contract: other folders' tests rely on it.
#include "tests/runtime/fake_session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "src/runtime/tile_buffer.h"
#include "tests/runtime/fake_functions.h"

namespace sectile::internal {
namespace {

using std::chrono_literals::operator""ms;

constexpr TensorSpec kSmall{2, {3, 4}, Layout::planar};

class FakeSessions : public testing::Test {
 protected:
  std::unique_ptr<Session> load(FakeProgram& program) {
    return *program.load("forward", kSmall, kSmall, Threading::caller);
  }
  TileBuffer in_ = *TileBuffer::allocate(kSmall.values());
  TileBuffer out_ = *TileBuffer::allocate(kSmall.values());
};

TEST_F(FakeSessions, RunTheTestsFunction) {
  FakeProgram program(fake_sleeping(1ms, fake_adding(2)));
  const auto session = load(program);
  in_.values()[7] = 5;
  ASSERT_TRUE(session->run(in_.values(), out_.values()));
  EXPECT_EQ(out_.values()[7], 7);
  EXPECT_EQ(out_.values()[8], 2);
}

TEST_F(FakeSessions, FailAtTheRunThatIsToFail) {
  FakeProgram program(fake_failing_at(1));
  const auto session = load(program);
  EXPECT_TRUE(session->run(in_.values(), out_.values()));
  EXPECT_FALSE(session->run(in_.values(), out_.values()));
  EXPECT_TRUE(session->run(in_.values(), out_.values()));
  EXPECT_EQ(program.counts().runs, 3);
  EXPECT_EQ(program.counts().failed_runs, 1);
}

TEST_F(FakeSessions, FailToLoadWhenToldTo) {
  FakeProgram program(fake_copying(), [](int session, const std::string&) -> Status {
    if (session == 1) return fail(ErrorCode::over_budget, "[fake] no memory");
    return {};
  });
  EXPECT_TRUE(program.load("forward", kSmall, kSmall, Threading::caller));
  EXPECT_FALSE(program.load("forward", kSmall, kSmall, Threading::caller));
  EXPECT_EQ(program.counts().loads, 2);
  EXPECT_EQ(program.counts().live_sessions, 0);
}

TEST_F(FakeSessions, NoticeTwoRunsAtOnce) {
  std::function<void()> meanwhile;
  FakeProgram program([&](const FakeRun& run) {
    if (run.run == 0) meanwhile();
    return fake_copying()(run);
  });
  const auto session = load(program);
  meanwhile = [&] {
    std::thread([&] { EXPECT_FALSE(session->run(in_.values(), out_.values())); }).join();
  };
  EXPECT_TRUE(session->run(in_.values(), out_.values()));
}

TEST_F(FakeSessions, MoveFromThreadToThread) {
  FakeProgram program(fake_copying());
  auto session = load(program);
  std::thread([&] {
    EXPECT_TRUE(session->run(in_.values(), out_.values()));
    session.reset();
  }).join();
  EXPECT_EQ(program.counts().live_sessions, 0);
}

TEST_F(FakeSessions, NoticeWrongBuffers) {
  FakeProgram program(fake_copying());
  const auto session = load(program);
  EXPECT_FALSE(session->run(in_.values().first(3), out_.values()));
  EXPECT_FALSE(session->run(in_.values(), out_.values().subspan(1)));
  EXPECT_TRUE(session->run(in_.values(), out_.values()));
}

}  // namespace
}  // namespace sectile::internal
