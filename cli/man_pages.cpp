#include "cli/man_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <sstream>
#include <string_view>

namespace sectile::cli {

namespace {

// A line that starts with . or ' would be a command, and \ starts an escape.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  return safe.starts_with('.') || safe.starts_with('\'') ? "\\&" + safe : safe;
}

std::string title_of(const CommandEntry& command) {
  return command.name.empty() ? "sectile" : "sectile-" + command.name;
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string heading(const CommandEntry& command, const std::string& version) {
  std::string help = command.help;
  if (help.ends_with('.')) help.pop_back();
  return fmt::format(".TH {} 1 \"\" \"sectile {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n",
                     in_capitals(title_of(command)), version, title_of(command), escaped(help));
}

std::string synopsis(const CommandEntry& command) {
  if (command.name.empty()) {
    return ".SH SYNOPSIS\n.B sectile\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...\n";
  }
  std::string text = fmt::format(".SH SYNOPSIS\n.B sectile {}\n[\\fIOPTIONS\\fR]", command.name);
  for (const OptionEntry& argument : command.arguments) {
    const std::string name = fmt::format("\\fI{}\\fR{}", escaped(argument.names.front()),
                                         argument.repeated ? "..." : "");
    text += argument.required ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

// The text below --help in its parts. Examples begin with a line that says so; lines that start
// with blanks are kept as they are.
struct Footer {
  std::string description;
  std::string examples;
  std::string exits;
};

// Lines are filled, so one that ends with a full stop ends a paragraph.
Footer parts_of(const std::string& footer) {
  Footer parts;
  std::istringstream lines(footer);
  std::string line;
  std::string* part = &parts.description;
  bool kept = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("Example")) {
      part = &parts.examples;
      continue;
    }
    if (line.empty()) {
      part = &parts.description;
      *part += part->empty() || part->ends_with(".PP\n") ? "" : ".PP\n";
      continue;
    }
    if (constexpr std::string_view exits = "Exits: "; line.starts_with(exits)) {
      part = &parts.exits;
      line = line.substr(exits.size());
    }
    const bool keep = line.starts_with("  ");
    if (keep != kept) *part += keep ? ".nf\n" : ".fi\n";
    kept = keep;
    *part += escaped(line) + "\n";
    if (!keep && line.ends_with('.')) *part += ".PP\n";
  }
  return parts;
}

std::string section(const char* title, std::string text) {
  while (text.ends_with(".PP\n")) text.resize(text.size() - 4);
  return text.empty() ? "" : fmt::format(".SH {}\n{}", title, text);
}

std::string option_text(const OptionEntry& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
  }
  if (option.kind != ValueKind::none && !option.value.empty()) {
    names += fmt::format(" \\fI{}\\fR", escaped(option.value));
  }
  return fmt::format(".TP\n{}\n{}{}\n", names, escaped(option.help),
                     option.required ? " (required)" : "");
}

std::string list(const char* title, const std::vector<OptionEntry>& options) {
  std::string text;
  for (const OptionEntry& option : options) text += option_text(option);
  return section(title, text);
}

std::string command_list(const std::vector<CommandEntry>& table) {
  std::string text;
  for (const CommandEntry& command : table | std::views::drop(1)) {
    text += fmt::format(".TP\n\\fBsectile\\-{}\\fR(1)\n{}\n", command.name, escaped(command.help));
  }
  return section("COMMANDS", text);
}

std::string page_text(const CommandEntry& command, const std::vector<CommandEntry>& table,
                      const std::string& version) {
  const Footer footer = parts_of(command.footer);
  const bool is_tool = command.name.empty();
  return heading(command, version) + synopsis(command) +
         section("DESCRIPTION", footer.description) + (is_tool ? command_list(table) : "") +
         list("ARGUMENTS", command.arguments) + list("OPTIONS", command.options) +
         section("EXAMPLES", footer.examples) + section("EXIT STATUS", footer.exits) +
         (is_tool ? "" : ".SH SEE ALSO\n\\fBsectile\\fR(1)\n");
}

}  // namespace

std::vector<ManPage> man_pages(const std::vector<CommandEntry>& table, const std::string& version) {
  std::vector<ManPage> pages;
  for (const CommandEntry& command : table) {
    pages.push_back({title_of(command) + ".1", page_text(command, table, version)});
  }
  return pages;
}

}  // namespace sectile::cli
