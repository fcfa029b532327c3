#include "src/base/flushed_denormals.h"

namespace sectile::internal {

#if defined(__x86_64__)

namespace {
constexpr std::uint64_t kFlush = 0x8040;  // MXCSR: results (FTZ) and operands (DAZ)
}

FlushedDenormals::FlushedDenormals() : before_(__builtin_ia32_stmxcsr()) {
  __builtin_ia32_ldmxcsr(static_cast<unsigned>(before_ | kFlush));
}
FlushedDenormals::~FlushedDenormals() { __builtin_ia32_ldmxcsr(static_cast<unsigned>(before_)); }

#elif defined(__aarch64__)

namespace {
constexpr std::uint64_t kFlush = std::uint64_t{1} << 24;  // FPCR.FZ

std::uint64_t control() {
  std::uint64_t bits = 0;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void set_control(std::uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
}  // namespace

FlushedDenormals::FlushedDenormals() : before_(control()) { set_control(before_ | kFlush); }
FlushedDenormals::~FlushedDenormals() { set_control(before_); }

#else
#error "how this processor flushes denormal numbers is not known"
#endif

}  // namespace sectile::internal
