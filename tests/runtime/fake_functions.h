// Functions for FakeProgram (fake_session.h). They nest: fake_sleeping(1ms, fake_adding(2)).
//
// Thread safety: a function may be called from any number of threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <thread>

#include "tests/runtime/fake_session.h"

namespace sectile::internal {

// Output values are the input's, again from the start when the output is the longer one. REQUIRES:
// the input is not empty.
inline FakeFunction fake_copying() {
  return [](const FakeRun& run) -> Status {
    for (std::size_t i = 0; i < run.output.size(); ++i)
      run.output[i] = run.input[i % run.input.size()];
    return {};
  };
}
inline FakeFunction fake_adding(float number, FakeFunction then = fake_copying()) {
  return [=](const FakeRun& run) -> Status {
    Status done = then(run);
    for (float& value : run.output) value += number;
    return done;
  };
}
inline FakeFunction fake_sleeping(std::chrono::microseconds time,
                                  FakeFunction then = fake_copying()) {
  return [=](const FakeRun& run) -> Status {
    std::this_thread::sleep_for(time);
    return then(run);
  };
}
// Fails once, at the program's run number `program_run` (from 0); the output is then untouched.
inline FakeFunction fake_failing_at(int program_run, FakeFunction then = fake_copying()) {
  return [=](const FakeRun& run) -> Status {
    if (run.program_run == program_run) return fail(ErrorCode::internal, "[fake] told to fail");
    return then(run);
  };
}

}  // namespace sectile::internal
