// Sectile's own kernels, as ExecuTorch calls them.
//
// Process-wide: ExecuTorch's table of kernels has them from the first program on.
//
// Thread safety: from any thread.
#pragma once

#include "sectile/result.h"
#include "src/base/own_kernels.h"

namespace sectile::internal {

// Puts them into ExecuTorch's table, once. Errors: unsupported, when another copy of Sectile in the
// process has put its own there: those do not know where this one's programs stand.
Status register_own_kernels();

// While it lives, programs that this thread runs stand there.
class StandAt {
 public:
  explicit StandAt(Position position);
  ~StandAt();
  StandAt(const StandAt&) = delete;
  StandAt& operator=(const StandAt&) = delete;

 private:
  Position before_;
};

}  // namespace sectile::internal
