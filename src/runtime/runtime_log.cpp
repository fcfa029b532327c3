#include "src/runtime/runtime_log.h"

#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <utility>

#include "src/base/escaped.h"

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;

using Handler = pal_emit_log_message_method;

// Plain bytes: the handler may be called when memory has run out, and at thread exit.
struct FirstLine {
  std::array<char, 400> text;
  std::size_t length;
};
thread_local constinit FirstLine first_line_of_thread{};
thread_local constinit int calls_of_thread = 0;  // RuntimeErrors alive
thread_local constinit bool is_forwarding = false;

// Whose lines ours replaced: the latest, and the one before any other.
constinit std::atomic<Handler> host_handler{nullptr};
constinit std::atomic<Handler> first_handler{nullptr};

void keep_first(std::string_view line) {
  FirstLine& kept = first_line_of_thread;
  if (kept.length != 0) return;
  kept.length = std::min(line.size(), kept.text.size());
  line.copy(kept.text.data(), kept.length);
}

// A host's handler that was registered after ours may pass its lines on to ours.
Handler next_handler() { return is_forwarding ? first_handler.load() : host_handler.load(); }

void handle_line(et_timestamp_t time, et_pal_log_level_t level, const char* file,
                 const char* function, std::size_t line, const char* message, std::size_t length) {
  const bool is_ours = calls_of_thread > 0;
  if (is_ours && level == kError) keep_first({message, length});
  // After a fatal line ExecuTorch aborts the process: it is for everybody.
  if (is_ours && level != kFatal) return;
  const Handler next = next_handler();
  if (next == nullptr) return;
  const bool was_forwarding = std::exchange(is_forwarding, true);
  next(time, level, file, function, line, message, length);
  is_forwarding = was_forwarding;
}

// Where ExecuTorch keeps its handler. Not register_pal: when there is a handler already, it writes
// an error line about that into the host's log.
std::atomic_ref<Handler> registered_handler() {
  return std::atomic_ref(const_cast<et::PalImpl*>(et::get_pal_impl())->emit_log_message);
}

// Again when a host has registered its handler since.
void take_over_log() {
  static std::once_flag once;
  std::call_once(once, et::runtime_init);
  const auto registered = registered_handler();
  Handler current = registered.load();
  while (current != handle_line) {
    Handler none = nullptr;
    first_handler.compare_exchange_strong(none, current);
    host_handler = current;
    if (registered.compare_exchange_weak(current, handle_line)) return;
  }
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
  ++calls_of_thread;
}

RuntimeErrors::~RuntimeErrors() { --calls_of_thread; }

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
