// What the machine has: processors and memory.
#pragma once

#include <cstdint>
#include <string>

namespace sectile::internal {

int processor_count();

// Of the cache that a core has for itself (the second level); 1 MiB when the system does not say.
std::int64_t core_cache_bytes();

// Whether the processor has what XNNPACK needs to compute with floats of 16 bits; else it computes
// in f32.
bool has_half_arithmetic();

// "x86-64: avx512f avx2": the architecture, and those of its features that XNNPACK and this library
// choose kernels by.
std::string processor_features();

// Free memory of the machine, or what the process' control groups leave when that is less. 0 when
// the system does not say.
std::int64_t free_memory_bytes();

// What the control groups named in `groups_file` (a /proc/PID/cgroup) leave, those around them
// included; the largest number when none has a limit. `groups_folder` is where they are mounted.
std::int64_t control_group_free_bytes(const std::string& groups_file,
                                      const std::string& groups_folder);

// Peak resident memory of this process so far; resident memory now. 0 when the system does not say.
std::int64_t peak_rss_bytes();
std::int64_t current_rss_bytes();

// Gives unused heap back to the system.
void release_unused_heap();

}  // namespace sectile::internal
