// ExecuTorch's own thread pool: one for the process, which runs of whole images share.
//
// Thread safety: from any thread.
#pragma once

#include <memory>

namespace sectile::internal {

// Threads of the pool.
int shared_pool_threads();

// Gives the pool that many threads as long as the result lives. Where somebody holds it already, it
// stays the same: methods that were loaded on it point at its threads.
// REQUIRES: at least 1; no method of the host itself is loaded on a pool of another size.
std::shared_ptr<const void> hold_shared_pool(int threads);

}  // namespace sectile::internal
