// What the commands say on stderr: messages, as lines of text or of JSON, and below them one line
// that tells how far the work is.
//
// Thread safety: any thread; lines do not mix.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sectile::cli {

enum class MessageForm { text, json };

// The form of all messages from now on; text at first.
void set_message_form(MessageForm form);

// In JSON each message is an object on a line: {"event": "warning", "warning": TEXT}.
void print_error(const std::string& text);          // "sectile: TEXT"
void print_warning(const std::string& text);        // "warning: TEXT"
void print_note(const std::string& text);           // "note: TEXT"
void print_approximation(const std::string& text);  // "approximate: TEXT"
void print_summary(const std::string& text);        // "TEXT"
// Of one file of many: "  FILE: TEXT", or an error that has the key "file" too.
void print_file_error(const std::string& file, const std::string& text);

// A line of JSON, whatever the form of messages is.
void print_event(const nlohmann::ordered_json& event);

// Rewrites the terminal's last line. A message takes its place, and so does nothing.
void show_status(const std::string& text);
void clear_status();

}  // namespace sectile::cli
