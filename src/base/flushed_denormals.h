// FlushedDenormals: while it lives, its thread computes with denormal numbers as zeros, as
// XNNPACK's kernels do.
#pragma once

#include <cstdint>

namespace sectile::internal {

class FlushedDenormals {
 public:
  FlushedDenormals();
  ~FlushedDenormals();
  FlushedDenormals(const FlushedDenormals&) = delete;
  FlushedDenormals& operator=(const FlushedDenormals&) = delete;

 private:
  std::uint64_t before_;  // the processor's control register
};

}  // namespace sectile::internal
