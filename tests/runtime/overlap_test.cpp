// Sessions on different threads really compute at the same time.
//
// ExecuTorch says nothing when it does not know the backend or the option that Sectile names; all
// XNNPACK work of the process then waits for one lock, and every result is still right. Only this
// test would notice.
//
// Times are no measure on a busy machine. So thread A makes one long run while thread B makes many
// short ones, and B's runs are placed on the clock of *A's own processor time*: a run of B that
// begins when A has done more than a tenth of its work and ends before A has done nine tenths lies
// inside A's run, however the two were scheduled. Behind a common lock there is none.
#include <gtest/gtest.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/runtime/tile_buffer.h"
#include "tests/runtime/fake_session.h"
#include "tests/runtime/programs.h"

namespace sectile::internal {
namespace {

constexpr TensorSpec kHeavyImage{16, {256, 256}, Layout::planar};

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A session with its buffers.
struct Bench {
  Bench(LoadedProgram& program, const char* method, TensorSpec input, TensorSpec output)
      : session(*program.load(method, input, output, Threading::caller)),
        in(*TileBuffer::allocate(input.values())),
        out(*TileBuffer::allocate(output.values())) {
    run();  // what is allocated at the first run is not what is measured
  }
  void run() { ASSERT_TRUE(session->run(in.values(), out.values())); }

  std::unique_ptr<Session> session;
  TileBuffer in, out;
};

// Shared by the two threads of one attempt.
struct Attempt {
  std::atomic<bool> b_is_ready = false;
  std::atomic<bool> a_has_begun = false;
  std::atomic<bool> a_is_done = false;
  clockid_t clock_of_a = 0;
  double begin_s = 0;  // on A's clock, like all times here
  double end_s = 0;
};

void run_long(Attempt& attempt, LoadedProgram& program) {
  Bench bench(program, "heavy", kHeavyImage, kHeavyImage);
  pthread_getcpuclockid(pthread_self(), &attempt.clock_of_a);
  while (!attempt.b_is_ready) std::this_thread::yield();
  attempt.begin_s = seconds_of(attempt.clock_of_a);
  attempt.a_has_begun = true;
  bench.run();
  attempt.end_s = seconds_of(attempt.clock_of_a);
  attempt.a_is_done = true;
}

struct Interval {
  double begin_s;
  double end_s;
};

std::vector<Interval> run_short(Attempt& attempt, LoadedProgram& program) {
  Bench bench(program, "light", kImage, kFeatures);
  attempt.b_is_ready = true;
  while (!attempt.a_has_begun) std::this_thread::yield();
  std::vector<Interval> runs;
  while (!attempt.a_is_done) {
    const double begin_s = seconds_of(attempt.clock_of_a);
    bench.run();
    runs.push_back({begin_s, attempt.a_is_done ? attempt.end_s : seconds_of(attempt.clock_of_a)});
  }
  return runs;
}

// How many runs of the program's method "light" lie inside one run of its method "heavy".
std::ptrdiff_t runs_inside(LoadedProgram& program) {
  Attempt attempt;
  std::vector<Interval> runs;
  std::thread b([&] { runs = run_short(attempt, program); });
  // A ends after B: the clock of a thread that has ended cannot be read.
  std::atomic<bool> b_has_ended = false;
  std::thread a([&] {
    run_long(attempt, program);
    while (!b_has_ended) std::this_thread::yield();
  });
  b.join();
  b_has_ended = true;
  a.join();
  const double work_s = attempt.end_s - attempt.begin_s;
  return std::ranges::count_if(runs, [&](const Interval& run) {
    return run.begin_s > attempt.begin_s + 0.1 * work_s &&
           run.end_s < attempt.begin_s + 0.9 * work_s;
  });
}

// The best of a few attempts: B may have been given no processor at all during one.
std::ptrdiff_t most_runs_inside(LoadedProgram& program, std::ptrdiff_t enough) {
  std::ptrdiff_t most = 0;
  for (int attempt = 0; attempt < 5 && most < enough; ++attempt) {
    most = std::max(most, runs_inside(program));
  }
  return most;
}

TEST(Overlap, ShortRunsFinishInsideALongRunOfAnotherThread) {
  const auto program = open_program("heavy_and_light.pte");
  ASSERT_TRUE(program->load("light", kImage, kFeatures, Threading::caller));
  ASSERT_TRUE(program->load("heavy", kHeavyImage, kHeavyImage, Threading::caller));
  EXPECT_GE(most_runs_inside(*program, 10), 10) << "sessions wait for each other's lock";
}

// The measure itself, without ExecuTorch: it must count nothing behind a lock, and much without
// one.
FakeFunction spinning(std::mutex* lock) {
  return [=](const FakeRun& run) -> Status {
    const auto hold = lock ? std::unique_lock(*lock) : std::unique_lock<std::mutex>();
    const double work_s = run.input_spec == kHeavyImage ? 0.2 : 0.0001;
    const double end_s = seconds_of(CLOCK_THREAD_CPUTIME_ID) + work_s;
    while (seconds_of(CLOCK_THREAD_CPUTIME_ID) < end_s) {
    }
    return {};
  };
}

TEST(Overlap, IsNotSeenBehindALock) {
  std::mutex lock;
  FakeProgram program(spinning(&lock));
  EXPECT_EQ(runs_inside(program), 0);
}

TEST(Overlap, IsSeenWithoutALock) {
  FakeProgram program(spinning(nullptr));
  EXPECT_GE(most_runs_inside(program, 10), 10);
}

}  // namespace
}  // namespace sectile::internal
