// Errors of reading a program; the message is the bare reason.
#pragma once

#include <string>
#include <utility>

#include "sectile/result.h"

namespace sectile::internal {

// The file contradicts itself.
inline std::unexpected<Error> corrupt(std::string reason) {
  return fail(ErrorCode::corrupt, std::move(reason));
}

// It is sound, and Sectile does not run it.
inline std::unexpected<Error> unsupported(std::string reason) {
  return fail(ErrorCode::unsupported, std::move(reason));
}

}  // namespace sectile::internal
