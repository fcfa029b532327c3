// Whether the tests run under a sanitizer, which holds much memory of its own and takes its time.
#pragma once

namespace sectile::internal {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace sectile::internal
