// RuntimeErrors: what ExecuTorch says about a failure, for our own error message.
//
// ExecuTorch returns bare codes; the values that made a failure stand only in its log, and its log
// goes to stderr, mixed with notes about the processor. So the first object of this class takes
// over ExecuTorch's log for the whole process: error lines are kept per thread, and nothing is
// printed, except the line before ExecuTorch aborts the process.
//
// The *first* error line since the object was made is kept: it names the cause. The lines behind it
// are the callers giving up. Lines that ExecuTorch writes on its own pool's threads are not seen.
//
// Thread safety: an object belongs to the thread that made it, and there is one at a time on a
// thread.
#pragma once

#include <executorch/runtime/core/error.h>

#include <string>

#include "sectile/result.h"

namespace sectile::internal {

class RuntimeErrors {
 public:
  RuntimeErrors();
  RuntimeErrors(const RuntimeErrors&) = delete;
  RuntimeErrors& operator=(const RuntimeErrors&) = delete;

  // The first error line since the constructor; empty when there was none.
  std::string first_line() const;

  // Our Error for ExecuTorch's `error`: "<what>: <code>: <first line>". `otherwise` is the code for
  // failures that are neither lack of memory nor something this build of ExecuTorch lacks.
  Error describe(std::string what, executorch::runtime::Error error, ErrorCode otherwise) const;
};

}  // namespace sectile::internal
