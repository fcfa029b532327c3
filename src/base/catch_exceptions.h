// catch_exceptions: runs a function that may throw and turns what it throws into an Error, so that
// no exception leaves the library.
//
// Thread safety: from any thread.
#pragma once

#include "sectile/result.h"

namespace sectile::internal {

// The Error for the exception that is being handled. `doing` is "[load]" or the like.
// Its code: over_budget for std::bad_alloc, or when there is no memory for the message; else
// internal.
// REQUIRES: called while an exception is handled.
Error error_from_exception(const char* doing) noexcept;

// `function` returns a Result.
template <typename Function>
auto catch_exceptions(const char* doing, Function function) noexcept -> decltype(function()) {
  try {
    return function();
  } catch (...) {
    return fail(error_from_exception(doing));
  }
}

}  // namespace sectile::internal
