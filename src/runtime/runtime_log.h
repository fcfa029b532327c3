// RuntimeErrors: what ExecuTorch says about a failure, for our own error message.
//
// ExecuTorch returns bare codes; the values that made a failure stand only in its log, for which
// there is one handler in the whole process. An object of this class puts ours there. While an
// object lives on a thread, that thread's lines are ours: error lines are kept, the rest is noise
// (notes about the processor). All other lines go on to the handler that was there before: the
// host's own, or ExecuTorch's default, which prints. So do lines of ExecuTorch's pool threads,
// which cannot be told apart from those of a host that uses the same pool, and the line before
// ExecuTorch aborts the process.
//
// The *first* error line since the object was made is kept: it names the cause. The lines after it
// are the callers giving up.
//
// Thread safety: an object belongs to the thread that made it. They nest; a new one forgets the
// line of the one around it.
#pragma once

#include <executorch/runtime/core/error.h>

#include <string>

#include "sectile/result.h"

namespace sectile::internal {

class RuntimeErrors {
 public:
  RuntimeErrors();
  ~RuntimeErrors();
  RuntimeErrors(const RuntimeErrors&) = delete;
  RuntimeErrors& operator=(const RuntimeErrors&) = delete;

  // The first error line since the constructor; empty when there was none.
  std::string first_line() const;

  // Our Error for ExecuTorch's `error`: "<what>: <code>: <first line>". `otherwise` is the code for
  // failures that are neither lack of memory nor something this build of ExecuTorch lacks.
  Error describe(std::string what, executorch::runtime::Error error, ErrorCode otherwise) const;
};

}  // namespace sectile::internal
