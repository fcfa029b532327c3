#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>
#include <string_view>

namespace sectile::cli {

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Inside '...' of a shell that takes '\'' for a quote (bash, zsh).
std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::vector<std::string> option_names(const CommandEntry& command) {
  std::vector<std::string> names;
  for (const OptionEntry& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> command_names(const std::vector<CommandEntry>& table) {
  std::vector<std::string> names;
  for (const CommandEntry& command : table | std::views::drop(1)) names.push_back(command.name);
  return names;
}

// ---- bash

// "run:--mode": one pattern of a case for each name.
std::string bash_patterns(const CommandEntry& command, const OptionEntry& option) {
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) {
    patterns.push_back(fmt::format("{}:{}", command.name, name));
  }
  return fmt::format("{}", fmt::join(patterns, "|"));
}

std::string bash_offer(const OptionEntry& option) {
  switch (option.kind) {
    case ValueKind::words:
      return fmt::format("_sectile_offer -W {}",
                         quoted(fmt::format("{}", fmt::join(option.words, " "))));
    case ValueKind::file:
      return "_sectile_offer -f";
    case ValueKind::folder:
      return "_sectile_offer -d";
    default:
      return "COMPREPLY=()";
  }
}

std::string bash_values(const CommandEntry& command) {
  std::string cases;
  for (const OptionEntry& option : command.options) {
    if (option.kind == ValueKind::none) continue;
    cases +=
        fmt::format("    {}) {}; return ;;\n", bash_patterns(command, option), bash_offer(option));
  }
  return cases;
}

// The words before the one that is completed say which option it is a value of. "--mode=tile" comes
// in three words where = separates them.
constexpr const char* kBashHead = R"(# bash completion for sectile, made from its table of options.

_sectile_offer() {
  [[ $1 == -W ]] || compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$@" -- "$current")
}

_sectile() {
  local current=${COMP_WORDS[COMP_CWORD]} command='' word
  local previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]] && ((COMP_CWORD > 1)); then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* ]]; then
      command=$word
      break
    fi
  done
)";

}  // namespace

std::string bash_completion(const std::vector<CommandEntry>& table) {
  std::string values;
  std::string options;
  for (const CommandEntry& command : table) {
    values += bash_values(command);
    options += fmt::format("      '{}') _sectile_offer -W {} ;;\n", command.name,
                           quoted(fmt::format("{}", fmt::join(option_names(command), " "))));
  }
  return fmt::format(
      "{}  case $command:$previous in\n{}  esac\n"
      "  if [[ $current == -* ]]; then\n    case $command in\n{}    esac\n"
      "  elif [[ -z $command ]]; then\n    _sectile_offer -W {}\n"
      "  else\n    _sectile_offer -f\n  fi\n}}\n\ncomplete -F _sectile sectile\n",
      kBashHead, values, options, quoted(fmt::format("{}", fmt::join(command_names(table), " "))));
}

// ---- zsh

namespace {

// Inside [...] of _arguments.
std::string zsh_help(const std::string& help) {
  std::string text = replaced(help, "\\", "\\\\");
  for (const char* special : {"[", "]", ":"})
    text = replaced(text, special, "\\" + std::string(special));
  return text;
}

std::string zsh_action(const OptionEntry& option) {
  switch (option.kind) {
    case ValueKind::words:
      return fmt::format("({})", fmt::join(option.words, " "));
    case ValueKind::file:
      return "_files";
    case ValueKind::folder:
      return "_files -/";
    default:
      return " ";
  }
}

std::string zsh_option(const OptionEntry& option, const std::string& name) {
  const bool has_value = option.kind != ValueKind::none;
  const char* sign = !has_value ? "" : name.starts_with("--") ? "=" : "+";
  const std::string value =
      has_value ? fmt::format(":{}:{}", zsh_help(option.value), zsh_action(option)) : "";
  return "      " +
         quoted(fmt::format("{}{}{}[{}]{}", option.repeated ? "*" : "", name, sign,
                            zsh_help(option.help), value)) +
         " \\\n";
}

std::string zsh_options(const CommandEntry& command) {
  std::string lines;
  for (const OptionEntry& option : command.options) {
    for (const std::string& name : option.names) lines += zsh_option(option, name);
  }
  return lines;
}

}  // namespace

std::string zsh_completion(const std::vector<CommandEntry>& table) {
  std::string commands;
  std::string cases;
  for (const CommandEntry& command : table | std::views::drop(1)) {
    commands += fmt::format(
        "    {}\n", quoted(fmt::format("{}:{}", command.name, replaced(command.help, ":", "\\:"))));
    cases += fmt::format("    {}) _arguments \\\n{}      '*:file:_files' ;;\n", command.name,
                         zsh_options(command));
  }
  return fmt::format(
      "#compdef sectile\n# zsh completion for sectile, made from its table of options.\n\n"
      "_sectile() {{\n  local context state state_descr line\n  typeset -A opt_args\n"
      "  local -a commands\n  commands=(\n{}  )\n"
      "  _arguments -C \\\n{}      '1:command:->command' \\\n      '*::argument:->argument'\n"
      "  case $state in\n  command) _describe command commands ;;\n"
      "  argument)\n    case $words[1] in\n{}    esac ;;\n  esac\n}}\n\n_sectile \"$@\"\n",
      commands, zsh_options(table.front()), cases);
}

// ---- fish

namespace {

// Inside '...' of fish.
std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_value(const OptionEntry& option) {
  switch (option.kind) {
    case ValueKind::none:
      return "";
    case ValueKind::words:
      return fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(option.words, " "))));
    case ValueKind::file:
      return " -r -F";
    case ValueKind::folder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::other:
      return " -x";
  }
  return "";
}

std::string fish_option(const OptionEntry& option, const std::string& condition) {
  std::string names;
  for (const std::string& name : option.names) {
    names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return fmt::format("complete -c sectile -n '{}'{}{} -d {}\n", condition, names,
                     fish_value(option), fish_quoted(option.help));
}

}  // namespace

std::string fish_completion(const std::vector<CommandEntry>& table) {
  std::string text = "# fish completion for sectile, made from its table of options.\n";
  for (const CommandEntry& command : table) {
    const std::string condition = command.name.empty()
                                      ? "__fish_use_subcommand"
                                      : "__fish_seen_subcommand_from " + command.name;
    if (!command.name.empty()) {
      text += fmt::format("complete -c sectile -n __fish_use_subcommand -f -a {} -d {}\n",
                          command.name, fish_quoted(command.help));
    }
    for (const OptionEntry& option : command.options) text += fish_option(option, condition);
  }
  return text;
}

}  // namespace sectile::cli
