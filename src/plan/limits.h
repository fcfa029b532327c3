// Limits: what the process holds, what it may hold, and which images a network takes.
#pragma once

#include <cstdint>

#include "sectile/plan.h"
#include "src/base/program_bytes.h"

namespace sectile::internal {

// What a caller asked for, and the memory that an already created sink holds.
struct PlanTask : PlanOptions {
  std::int64_t sink_bytes = 0;  // 0: there is none yet
};

// What the process holds whatever the plan is, the sink aside.
std::int64_t process_bytes(const ProgramBytes& program, const PlanTask& task);

// The limit of the process that was asked for, or what is taken without one. `process_bytes`: what
// the process holds without the run.
std::int64_t memory_limit_of(const PlanOptions& options, std::int64_t process_bytes);
// Whether a limit was given: without one, time is traded for memory.
bool has_limit(const PlanOptions& options);

// That one run has, of those that do their work at a time.
int threads_of(const PlanOptions& options);

inline constexpr int kMostThreads = 1024;

// Errors: invalid_argument: a value that no plan can have.
Status check_plan_options(const PlanOptions& options);

// Errors: invalid_argument (those of check_info; bands that differ from the network's channels).
Status check_image(const MethodInfo& info, const ImageInfo& image);

}  // namespace sectile::internal
