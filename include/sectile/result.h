// Result, Status, Error: how every function of Sectile that can fail says so.
//
// Nothing in the public interface throws. A Result<T> holds a value or an Error; a Status holds
// nothing or an Error.
// Error::code is for programs, Error::message is one sentence for people, with the values that made
// the failure.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace [[gnu::visibility("default")]] sectile {

enum class ErrorCode {
  invalid_argument,  // the caller asked for something that has no meaning
  not_found,         // a file or a method that does not exist
  unsupported,       // Sectile has no rule for it (an operator, a data type, a file format)
  corrupt,           // the bytes contradict themselves or their format
  io,                // the operating system or a file format library refused
  over_budget,       // the memory limit cannot be met
  not_exact,         // the network cannot be cut into tiles with equal bits
  cancelled,         // the caller's stop flag was set
  internal,          // a bug of Sectile or of a library below it
};

// "invalid_argument", "not_found", ...: the name as it stands in the enumeration.
const char* to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

// return fail(ErrorCode::io, "...") from any function that returns a Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace sectile
