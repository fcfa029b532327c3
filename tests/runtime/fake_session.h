// FakeProgram: a LoadedProgram that runs the test's own function instead of a network.
//
// Code that drives sessions (workers, lanes, ordered output) is tested with it: the function
// copies, adds, sleeps, or fails at the run that the test wants, and the counters tell what was
// done. A fake session is stricter than a real one: it answers `internal` when it is used by two
// threads at once, or with buffers of the wrong size or alignment.
//
// Thread safety: FakeProgram from any thread; a FakeSession serves one thread at a time.
// The functions are called from all sessions' threads at once.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sectile/result.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"

namespace sectile::internal {

// One call of Session::run.
struct FakeRun {
  int session = 0;      // sessions are numbered as they are loaded, from 0
  int run = 0;          // the session's own runs, from 0
  int program_run = 0;  // the runs of all sessions of the program, from 0
  const TensorSpec& input_spec;
  const TensorSpec& output_spec;
  std::span<const float> input;
  std::span<float> output;
};
using FakeFunction = std::function<Status(const FakeRun&)>;

// What has happened so far. The sessions share it with their program, and may outlive the program.
struct FakeCounts {
  std::atomic<int> loads = 0;
  std::atomic<int> runs = 0;  // begun
  std::atomic<int> failed_runs = 0;
  std::atomic<int> live_sessions = 0;
};

class FakeSession final : public Session {
 public:
  FakeSession(int number, const TensorSpec& input, const TensorSpec& output, FakeFunction function,
              std::shared_ptr<FakeCounts> counts)
      : number_(number),
        input_(input),
        output_(output),
        function_(std::move(function)),
        counts_(std::move(counts)) {
    ++counts_->live_sessions;
  }
  ~FakeSession() override {
    EXPECT_EQ(running_, 0) << "a session is destroyed while it runs";
    --counts_->live_sessions;
  }
  const TensorSpec& input() const override { return input_; }
  const TensorSpec& output() const override { return output_; }

  Status run(std::span<const float> input, std::span<float> output) override {
    const FakeRun run{number_, runs_++, counts_->runs++, input_, output_, input, output};
    const bool alone = ++running_ == 1;
    Status done = alone ? check(run) : fail(ErrorCode::internal, "[fake] two runs at once");
    if (done) done = function_(run);
    --running_;
    if (!done) ++counts_->failed_runs;
    return done;
  }

 private:
  static bool is_aligned(const void* data) {
    return reinterpret_cast<std::uintptr_t>(data) % 64 == 0;
  }
  Status check(const FakeRun& run) const {
    const auto broken = [](const char* rule) { return fail(ErrorCode::internal, rule); };
    if (std::ssize(run.input) != input_.values()) return broken("[fake] input of the wrong size");
    if (std::ssize(run.output) != output_.values())
      return broken("[fake] output of the wrong size");
    if (!is_aligned(run.input.data())) return broken("[fake] input is not aligned");
    if (!is_aligned(run.output.data())) return broken("[fake] output is not aligned");
    return {};
  }

  const int number_;
  const TensorSpec input_;
  const TensorSpec output_;
  const FakeFunction function_;
  const std::shared_ptr<FakeCounts> counts_;
  std::atomic<int> running_ = 0;
  std::atomic<int> runs_ = 0;
};

class FakeProgram final : public LoadedProgram {
 public:
  // Called for each load with the number that the session would get; an error of it is the load's.
  using LoadFunction = std::function<Status(int session, const std::string& method)>;

  explicit FakeProgram(FakeFunction function, LoadFunction on_load = nullptr)
      : function_(std::move(function)), on_load_(std::move(on_load)) {}

  // Any method name and any specs will do.
  Result<std::unique_ptr<Session>> load(const std::string& method, const TensorSpec& input,
                                        const TensorSpec& output, Threading) override {
    const int session = counts_->loads++;
    if (on_load_) {
      if (Status allowed = on_load_(session, method); !allowed) return fail(allowed.error());
    }
    return std::make_unique<FakeSession>(session, input, output, function_, counts_);
  }
  Result<std::unique_ptr<MultiIoSession>> load_multi_io(const std::string&,
                                                        const std::vector<TensorSpec>&,
                                                        const std::vector<TensorSpec>&,
                                                        Threading) override {
    return fail(ErrorCode::unsupported, "[fake] it has no ports");
  }
  const FakeCounts& counts() const { return *counts_; }

 private:
  const FakeFunction function_;
  const LoadFunction on_load_;
  const std::shared_ptr<FakeCounts> counts_ = std::make_shared<FakeCounts>();
};

}  // namespace sectile::internal
