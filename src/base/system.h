// What the machine has: processors and memory.
#pragma once

#include <cstdint>

namespace sectile {

int processor_count();

// Free memory of the machine, or what its control group leaves when that is less. 0 when the system
// does not say.
std::int64_t free_memory_bytes();

// Peak resident memory of this process so far; resident memory now. 0 when the system does not say.
std::int64_t peak_rss_bytes();
std::int64_t current_rss_bytes();

// Makes the peak start again from what is resident now, where the system allows it, after giving
// unused heap back.
void reset_peak_rss();

}  // namespace sectile
