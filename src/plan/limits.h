// Limits: what the process holds, what it may hold, and which images a network takes.
#pragma once

#include <cstdint>

#include "sectile/plan.h"
#include "src/base/program_bytes.h"

namespace sectile::internal {

// What the process holds whatever the plan is, the sink aside.
std::int64_t process_bytes(const ProgramBytes& program, std::int64_t sink_bytes);

// The limit that was given, or what is taken without one.
std::int64_t memory_limit_of(const PlanOptions& options);

// Errors: invalid_argument (no pixels; bands that differ from the network's channels).
Status check_image(const MethodInfo& info, const ImageInfo& image);

}  // namespace sectile::internal
