// The peak of this process' resident memory. Thread safety: none.
#pragma once

#include <cstdint>

namespace sectile::cli {

// Gives unused heap back and makes the peak start again from what is resident now, which it
// returns. 0 when the system does not say. RunReport::peak_rss_bytes is the peak since then.
std::int64_t restart_peak_bytes();

}  // namespace sectile::cli
