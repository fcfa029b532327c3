#include "src/runtime/runtime_log.h"

#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <utility>

#include "src/base/escaped.h"

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;

// Plain bytes: the sink may be called when memory has run out, and at thread exit.
struct FirstLine {
  std::array<char, 400> text;
  std::size_t length;
};
thread_local constinit FirstLine first_line_of_thread{};

void keep_first(std::string_view line) {
  FirstLine& kept = first_line_of_thread;
  if (kept.length != 0) return;
  kept.length = std::min(line.size(), kept.text.size());
  line.copy(kept.text.data(), kept.length);
}

void sink(et_timestamp_t, et_pal_log_level_t level, const char*, const char*, std::size_t,
          const char* message, std::size_t length) {
  if (level == kError) keep_first({message, length});
  if (level == kFatal) {  // ExecuTorch aborts the process next: these are its last words
    std::fprintf(stderr, "ExecuTorch: %.*s\n", static_cast<int>(length), message);
  }
}

void take_over_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    et::register_pal(et::PalImpl::create(sink, __FILE__));
    et::runtime_init();
  });
}

ErrorCode code_for(et::Error error, std::string_view line, ErrorCode otherwise) {
  // XNNPACK's lack of memory comes back as a plain "internal"; only its line tells.
  if (line.find("out_of_memory") != line.npos) return ErrorCode::over_budget;
  switch (error) {
    case et::Error::MemoryAllocationFailed:
      return ErrorCode::over_budget;
    case et::Error::OperatorMissing:
    case et::Error::NotFound:  // of a backend
    case et::Error::NotSupported:
      return ErrorCode::unsupported;
    case et::Error::InvalidProgram:
    case et::Error::DelegateInvalidCompatibility:
      return ErrorCode::corrupt;
    default:
      return otherwise;
  }
}

}  // namespace

RuntimeErrors::RuntimeErrors() {
  take_over_log();
  first_line_of_thread.length = 0;
}

std::string RuntimeErrors::first_line() const {
  return {first_line_of_thread.text.data(), first_line_of_thread.length};
}

Error RuntimeErrors::describe(std::string what, et::Error error, ErrorCode otherwise) const {
  const std::string line = first_line();
  std::string message = fmt::format("{}: {}", std::move(what), et::to_string(error));
  if (!line.empty()) message += ": " + line;
  return {code_for(error, line, otherwise), escaped(message)};  // it can echo names of the file
}

}  // namespace sectile::internal
