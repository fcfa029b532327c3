// FailingAllocations: makes `operator new` fail on this thread, to see what becomes of the
// std::bad_alloc.
//
// This header defines operator new and delete for the whole program: one file of a test program may
// include it. (A library would give them to every test program that is linked with it.)
#pragma once

#include <algorithm>
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

  static void* allocate(std::size_t bytes, std::size_t alignment) {
    if (left_ != kNoLimit && left_-- <= 0) {
      left_ = 0;
      failed_ = true;
      throw std::bad_alloc();
    }
    const std::size_t room = std::max<std::size_t>(1, bytes) + alignment - 1;
    if (void* memory = std::aligned_alloc(alignment, room / alignment * alignment)) return memory;
    throw std::bad_alloc();
  }

 private:
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  static inline thread_local constinit std::int64_t left_ = kNoLimit;
  static inline thread_local constinit bool failed_ = false;
};

}  // namespace sectile::internal::test

// The forms not written here call these.
void* operator new(std::size_t bytes) {
  return sectile::internal::test::FailingAllocations::allocate(bytes,
                                                               __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return sectile::internal::test::FailingAllocations::allocate(bytes,
                                                               static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
