#include "src/runtime/thread_pool.h"

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "src/runtime/runtime_log.h"

// ExecuTorch's package has the library of its thread pool (libexecutorch_threadpool) but not the
// header, extension/threadpool/threadpool.h. These are declared there and exported by the library;
// nothing else of the class is used, so its members are left out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  std::size_t get_thread_count() const;
  // NOLINTNEXTLINE(readability-identifier-naming)
  bool _unsafe_reset_threadpool(std::uint32_t num_threads);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace sectile::internal {

namespace {

using executorch::extension::threadpool::ThreadPool;

// Null where ExecuTorch has none.
ThreadPool* shared_pool() {
  const RuntimeErrors quiet;  // the pool's start writes lines about the processor
  return executorch::extension::threadpool::get_threadpool();
}

int threads_of(const ThreadPool* pool) {
  return pool == nullptr ? 1 : static_cast<int>(pool->get_thread_count());
}

}  // namespace

int shared_pool_threads() { return threads_of(shared_pool()); }

std::shared_ptr<const void> hold_shared_pool(int threads) {
  static std::mutex mutex;
  static std::weak_ptr<const void> holders;
  const std::lock_guard lock(mutex);
  if (auto held = holders.lock()) return held;
  ThreadPool* const pool = shared_pool();
  if (pool != nullptr && threads_of(pool) != threads) {
    const RuntimeErrors quiet;
    pool->_unsafe_reset_threadpool(static_cast<std::uint32_t>(threads));
  }
  const auto held = std::make_shared<const int>(threads);
  holders = held;
  return held;
}

}  // namespace sectile::internal
