// Ctrl-C (SIGINT) and SIGTERM: the first one asks the command to stop and clean up, the second one
// ends it at once.
#pragma once

#include <atomic>

namespace sectile::cli {

// From this call on the two signals set the flag it returns. Call it only before work that looks at
// the flag: whatever does not look would no longer end.
const std::atomic<bool>& stop_on_interrupt();

}  // namespace sectile::cli
