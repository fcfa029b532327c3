#include "src/base/catch_exceptions.h"

#include <exception>
#include <new>
#include <string>

namespace sectile::internal {

namespace {

Error describe_exception(const char* doing) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::over_budget, std::string(doing) + " out of memory"};
  } catch (const std::exception& thrown) {
    return {ErrorCode::internal, std::string(doing) + " unexpected exception: " + thrown.what()};
  } catch (...) {
    return {ErrorCode::internal, std::string(doing) + " unexpected exception of an unknown type"};
  }
}

}  // namespace

Error error_from_exception(const char* doing) noexcept {
  try {
    return describe_exception(doing);
  } catch (...) {
    return {ErrorCode::over_budget, "out of memory"};  // short: std::string allocates nothing
  }
}

}  // namespace sectile::internal
