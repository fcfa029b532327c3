#include "cli/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>

namespace sectile::cli {

namespace {

constexpr const char* kClearLine = "\r\x1b[K";

// Stderr is one for the process, and so is what it shows.
std::atomic<MessageForm> form_of_messages = MessageForm::text;
std::mutex mutex;
bool status_is_shown = false;

void remove_status() {
  if (status_is_shown) std::fputs(kClearLine, stderr);
  status_is_shown = false;
}

void print_line(std::string line) {
  std::ranges::replace(line, '\n', ' ');
  const std::lock_guard lock(mutex);
  remove_status();
  fmt::print(stderr, "{}\n", line);
}

void print_message(const char* kind, const char* before, const std::string& text) {
  if (form_of_messages == MessageForm::json) return print_event({{"event", kind}, {kind, text}});
  print_line(before + text);
}

}  // namespace

void set_message_form(MessageForm form) { form_of_messages = form; }

void print_error(const std::string& text) { print_message("error", "sectile: ", text); }
void print_warning(const std::string& text) { print_message("warning", "warning: ", text); }
void print_note(const std::string& text) { print_message("note", "note: ", text); }
void print_approximation(const std::string& text) {
  print_message("approximate", "approximate: ", text);
}
void print_summary(const std::string& text) { print_message("summary", "", text); }

void print_file_error(const std::string& file, const std::string& text) {
  if (form_of_messages == MessageForm::json) {
    return print_event({{"event", "error"}, {"error", text}, {"file", file}});
  }
  print_line(fmt::format("  {}: {}", file, text));
}

void print_event(const nlohmann::ordered_json& event) {
  print_line(event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void show_status(const std::string& text) {
  const std::lock_guard lock(mutex);
  fmt::print(stderr, "{}{}", kClearLine, text);
  std::fflush(stderr);
  status_is_shown = true;
}

void clear_status() {
  const std::lock_guard lock(mutex);
  remove_status();
}

}  // namespace sectile::cli
