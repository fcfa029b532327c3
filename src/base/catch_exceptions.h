// catch_exceptions: runs a function that calls ExecuTorch and turns what it throws into an Error.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "sectile/result.h"

namespace sectile::internal {

// `function` returns a Result. `doing` is "[load]" or the like. Errors: over_budget for
// std::bad_alloc, else internal.
template <typename Function>
auto catch_exceptions(const char* doing, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::over_budget, std::string(doing) + " the system has no memory left");
  } catch (const std::exception& thrown) {
    return fail(ErrorCode::internal, std::string(doing) + " ExecuTorch threw: " + thrown.what());
  } catch (...) {
    return fail(ErrorCode::internal, std::string(doing) + " ExecuTorch threw something unknown");
  }
}

}  // namespace sectile::internal
