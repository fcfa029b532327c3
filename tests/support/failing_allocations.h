// FailingAllocations and OneFailingAllocation: make `operator new` fail, to see what becomes of the
// std::bad_alloc.
//
// This header defines operator new and delete for the whole program: one file of a test program may
// include it. (A library would give them to every test program that is linked with it.)
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

namespace sectile::internal::test {

class FailingAllocations {
 public:
  // Lets `successes` allocations of this thread pass; all after them fail while the object lives.
  explicit FailingAllocations(std::int64_t successes) {
    failed_ = false;
    left_ = successes;
  }
  ~FailingAllocations() { left_ = kNoLimit; }
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  // Whether one has failed.
  bool failed() const { return failed_; }

  static bool fails_next() {
    if (left_ == kNoLimit || left_-- > 0) return false;
    left_ = 0;
    failed_ = true;
    return true;
  }

 private:
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  static inline thread_local constinit std::int64_t left_ = kNoLimit;
  static inline thread_local constinit bool failed_ = false;
};

// Lets `successes` allocations of this program's own code pass, on whatever thread; the next one
// fails, and those after it pass. What shared libraries allocate themselves is left alone.
class OneFailingAllocation {
 public:
  explicit OneFailingAllocation(std::int64_t successes) { left_ = successes; }
  ~OneFailingAllocation() { left_ = kNone; }
  OneFailingAllocation(const OneFailingAllocation&) = delete;
  OneFailingAllocation& operator=(const OneFailingAllocation&) = delete;

  bool failed() const { return left_ < 0; }

  // `caller`: where the allocation returns to.
  static bool fails_next(const void* caller) {
    return left_ >= 0 && is_ours(caller) && left_.fetch_sub(1) == 0;
  }

 private:
  static constexpr std::int64_t kNone = -1;

  static const void* program_of(const void* address) {
    Dl_info info{};
    return dladdr(address, &info) == 0 ? nullptr : info.dli_fbase;
  }
  static bool is_ours(const void* caller) {
    static const void* const own = program_of(reinterpret_cast<const void*>(&program_of));
    return program_of(caller) == own;
  }

  static inline constinit std::atomic<std::int64_t> left_ = kNone;
};

inline void* allocate(std::size_t bytes, std::size_t alignment, const void* caller) {
  if (FailingAllocations::fails_next() || OneFailingAllocation::fails_next(caller)) {
    throw std::bad_alloc();
  }
  const std::size_t room = std::max<std::size_t>(1, bytes) + alignment - 1;
  if (void* memory = std::aligned_alloc(alignment, room / alignment * alignment)) return memory;
  throw std::bad_alloc();
}

}  // namespace sectile::internal::test

// The forms not written here call these, or are the address sanitizer's, alike in new and delete.
// Not inlined: their callers are asked for.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return sectile::internal::test::allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                                           __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return sectile::internal::test::allocate(bytes, static_cast<std::size_t>(alignment),
                                           __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return sectile::internal::test::allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                                             __builtin_return_address(0));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
