// What a session computes, what it refuses, and how it fails.
#include "src/runtime/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <future>
#include <thread>
#include <vector>

#include "src/program/read_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/thread_pool.h"
#include "src/runtime/tile_buffer.h"
#include "tests/runtime/programs.h"

namespace sectile::internal {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

std::unique_ptr<Session> open_session(const std::string& name, TensorSpec input = kImage,
                                      TensorSpec output = kFeatures,
                                      Threading threading = Threading::caller) {
  auto session = open_program(name)->load("forward", input, output, threading);
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  return session ? std::move(*session) : nullptr;
}

std::vector<float> result_of(const std::string& name, Threading threading = Threading::caller) {
  return run_once(*open_session(name, kImage, kFeatures, threading), test_values(kImage));
}

Error refusal(const std::string& name, TensorSpec input, TensorSpec output,
              const std::string& method = "forward") {
  auto session = open_program(name)->load(method, input, output, Threading::caller);
  EXPECT_FALSE(session) << name << " was accepted";
  return session ? Error{} : session.error();
}

void expect_near(const std::vector<float>& got, const std::vector<float>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], wanted[i], 1e-5) << "value " << i;
}

// --- what is computed

TEST(Session, ComputesWhatPyTorchComputed) {
  expect_near(result_of("two_convs.pte"), read_expected("two_convs.f32"));
}

TEST(Session, ComputesInterleavedTensors) {
  constexpr TensorSpec image{3, {16, 20}, Layout::interleaved};
  constexpr TensorSpec features{4, {16, 20}, Layout::interleaved};
  const auto session = open_session("two_convs_interleaved.pte", image, features);
  const auto output = run_once(*session, in_layout(image, test_values(image)));
  expect_near(output, in_layout(features, read_expected("two_convs.f32")));
}

TEST(Session, RunsADefaultExportWhoseInputAndOutputArePlanned) {
  EXPECT_EQ(result_of("two_convs_planned.pte"), result_of("two_convs.pte"));
}

TEST(Session, RunsKernelsAndArenasBetweenDelegates) {
  expect_near(result_of("group_norm.pte"), read_expected("group_norm.f32"));
}

TEST(Session, GivesTheSameBitsOnTheSharedPool) {
  EXPECT_EQ(result_of("two_convs.pte", Threading::shared_pool), result_of("two_convs.pte"));
  EXPECT_EQ(result_of("group_norm.pte", Threading::shared_pool), result_of("group_norm.pte"));
}

TEST(Session, ReadsEachPieceWhereItLies) {
  for (const char* name : {"two_convs.pte", "two_convs_planned.pte", "group_norm.pte"}) {
    const auto file = in_pieces(read_program(name));
    EXPECT_GT(file->pieces().size(), 2u);
    auto session = (*load_program(file))->load("forward", kImage, kFeatures, Threading::caller);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(run_once(**session, test_values(kImage)), result_of(name)) << name;
  }
}

TEST(Session, KeepsNothingOfTheRunBefore) {
  const auto session = open_session("two_convs.pte");
  const auto values = test_values(kImage);
  std::vector<float> doubled(values);
  for (float& value : doubled) value *= 2;
  const auto first = run_once(*session, values);
  EXPECT_NE(run_once(*session, doubled), first);
  EXPECT_EQ(run_once(*session, values), first);
}

TEST(Session, MayTakeTheBufferOfTheLastOutputAsInput) {
  const auto session = open_session("add_one.pte", kImage, kImage);
  auto a = *TileBuffer::allocate(kImage.values());
  auto b = *TileBuffer::allocate(kImage.values());
  ASSERT_TRUE(session->run(a.values(), b.values()));
  ASSERT_TRUE(session->run(b.values(), a.values()));
  EXPECT_EQ(a.values().front(), 2.0f);
  EXPECT_EQ(a.values().back(), 2.0f);
}

TEST(Session, OutlivesTheProgramAndTheFileHandles) {
  std::unique_ptr<Session> session;
  {
    auto program = open_program("two_convs.pte");
    session = *program->load("forward", kImage, kFeatures, Threading::caller);
  }
  EXPECT_EQ(run_once(*session, test_values(kImage)), result_of("two_convs.pte"));
}

TEST(Session, SaysWhatItTakesAndGives) {
  const auto session = open_session("two_convs.pte");
  EXPECT_EQ(session->input(), kImage);
  EXPECT_EQ(session->output(), kFeatures);
}

TEST(Session, LeavesTheCallersFloatingPointModesAlone) {
  const auto session = open_session("two_convs.pte");
  std::fenv_t before, after;
  std::fesetround(FE_UPWARD);
  std::fegetenv(&before);
  run_once(*session, test_values(kImage));
  std::fegetenv(&after);
  const int rounding = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(rounding, FE_UPWARD);
#if defined(__x86_64__)
  constexpr unsigned exception_flags = 0x3f;  // these may be raised; the modes may not change
  EXPECT_EQ(before.__mxcsr & ~exception_flags, after.__mxcsr & ~exception_flags);
#endif
}

// --- threads

TEST(Session, GivesTheSameBitsOnTwoThreadsAtOnce) {
  const auto program = open_program("group_norm.pte");
  const auto work = [&] {
    auto session = program->load("forward", kImage, kFeatures, Threading::caller);
    EXPECT_TRUE(session);
    std::vector<std::vector<float>> outputs;
    for (int i = 0; i < 20; ++i) outputs.push_back(run_once(**session, test_values(kImage)));
    return outputs;
  };
  auto one = std::async(std::launch::async, work);
  auto two = std::async(std::launch::async, work);
  const auto alone = result_of("group_norm.pte");
  for (const auto& output : one.get()) EXPECT_EQ(output, alone);
  for (const auto& output : two.get()) EXPECT_EQ(output, alone);
}

TEST(Session, SharedPoolHasThreads) {
  EXPECT_GE(shared_pool_threads(), 1);
  EXPECT_LE(shared_pool_threads(), sysconf(_SC_NPROCESSORS_CONF));
}

// --- what is refused

TEST(Session, RefusesEachWrongDim) {
  for (const TensorSpec& wrong :
       {TensorSpec{4, {16, 20}}, TensorSpec{3, {20, 16}}, TensorSpec{3, {16, 21}},
        TensorSpec{3, {17, 20}}, TensorSpec{1, {48, 20}}}) {
    EXPECT_EQ(refusal("two_convs.pte", wrong, kFeatures).code, ErrorCode::unsupported);
  }
  const Error error = refusal("two_convs.pte", kImage, {4, {15, 20}, Layout::planar});
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_NE(error.message.find("[1, 4, 16, 20]"), error.message.npos) << error.message;
  EXPECT_NE(error.message.find("[1, 4, 15, 20]"), error.message.npos) << error.message;
}

TEST(Session, RefusesTheOtherLayout) {
  constexpr TensorSpec interleaved_image{3, {16, 20}, Layout::interleaved};
  constexpr TensorSpec interleaved_features{4, {16, 20}, Layout::interleaved};
  const char* name = "two_convs.pte";
  EXPECT_EQ(refusal(name, interleaved_image, kFeatures).code, ErrorCode::unsupported);
  EXPECT_EQ(refusal(name, kImage, interleaved_features).code, ErrorCode::unsupported);
  name = "two_convs_interleaved.pte";
  EXPECT_EQ(refusal(name, kImage, kFeatures).code, ErrorCode::unsupported);
}

TEST(Session, RefusesSizesThatAreNone) {
  for (const std::int64_t side : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    EXPECT_EQ(refusal("two_convs.pte", {3, {side, 20}, Layout::planar}, kFeatures).code,
              ErrorCode::unsupported);
  }
}

TEST(Session, RefusesAnotherDataTypeAndNumberOfInputs) {
  EXPECT_EQ(refusal("double.pte", kImage, kImage).code, ErrorCode::unsupported);
  const Error two = refusal("add_two.pte", kImage, kImage);
  EXPECT_EQ(two.code, ErrorCode::unsupported);
  EXPECT_NE(two.message.find("2 inputs"), two.message.npos) << two.message;
}

TEST(Session, RefusesAProgramThatReturnsItsInput) {
  EXPECT_EQ(refusal("same.pte", kImage, kImage).code, ErrorCode::unsupported);
}

TEST(Session, NamesTheMethodsThatThereAre) {
  for (const std::string& name :
       {std::string("backward"), std::string(), std::string("forward\0", 8)}) {
    const Error error = refusal("two_convs.pte", kImage, kFeatures, name);
    EXPECT_EQ(error.code, ErrorCode::not_found);
    EXPECT_NE(error.message.find("it has forward"), error.message.npos) << error.message;
  }
}

TEST(Session, RefusesBuffersOfAnotherSize) {
  const auto session = open_session("two_convs.pte");
  auto in = *TileBuffer::allocate(kImage.values() + 1);
  auto out = *TileBuffer::allocate(kFeatures.values());
  EXPECT_FALSE(session->run(in.values(), out.values()));
  EXPECT_FALSE(session->run(in.values().first(in.values().size() - 1), out.values().first(5)));
  EXPECT_TRUE(session->run(in.values().first(in.values().size() - 1), out.values()));
}

// --- how it fails

// pick_rows.pte takes the first two values of the image for row numbers and doubles these rows.
class PickRows : public testing::Test {
 protected:
  static constexpr TensorSpec kRowsImage{1, {16, 20}, Layout::planar};
  static constexpr TensorSpec kTwoRows{1, {2, 20}, Layout::planar};

  Status run_with_rows(float first, float second) {
    in_.values()[0] = first;
    in_.values()[1] = second;
    return session_->run(in_.values(), out_.values());
  }
  void SetUp() override {
    for (std::size_t i = 0; i < in_.values().size(); ++i) in_.values()[i] = static_cast<float>(i);
  }

  std::unique_ptr<Session> session_ = open_session("pick_rows.pte", kRowsImage, kTwoRows);
  TileBuffer in_ = *TileBuffer::allocate(kRowsImage.values());
  TileBuffer out_ = *TileBuffer::allocate(kTwoRows.values());
};

TEST_F(PickRows, CanBeUsedAgainAfterAFailedRun) {
  ASSERT_TRUE(run_with_rows(3, 5));
  for (int i = 0; i < 3; ++i) {
    const Status failed = run_with_rows(3, 99);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::internal);
    std::ranges::fill(out_.values(), -1.0f);
    ASSERT_TRUE(run_with_rows(7, 2));
    EXPECT_EQ(out_.values()[19], 2 * (7 * 20 + 19));
    EXPECT_EQ(out_.values()[20], 2 * (2 * 20));
  }
}

TEST_F(PickRows, TellsTheRuntimesOwnWordsAndPrintsNothing) {
  CaptureStderr();
  const Status failed = run_with_rows(3, 99);
  const std::string printed = GetCapturedStderr();
  ASSERT_FALSE(failed);
  EXPECT_EQ(printed, "");
  EXPECT_NE(failed.error().message.find("[run] cannot execute the method forward"),
            std::string::npos)
      << failed.error().message;
  EXPECT_NE(failed.error().message.find("99"), std::string::npos) << failed.error().message;
}

TEST_F(PickRows, DoesNotBlameALaterFailureOnAnEarlierOne) {
  const std::string first = run_with_rows(3, 99).error().message;
  const std::string second = run_with_rows(3, 98).error().message;
  EXPECT_NE(second.find("98"), second.npos) << second;
  EXPECT_EQ(second.find("99"), second.npos) << second;
}

}  // namespace
}  // namespace sectile::internal
