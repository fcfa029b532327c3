#include "cli/command_table.h"

#include <algorithm>
#include <ranges>
#include <string_view>

namespace sectile::cli {

namespace {

std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// "auto|whole|tile" are words to choose from; names of values are in capital letters.
bool is_words(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '|' || c == '-';
  });
}

ValueKind kind_of(std::string_view value) {
  if (value.empty()) return ValueKind::none;
  if (is_words(value)) return ValueKind::words;
  if (value == "FILE" || value == "OUT" || value == "OTHER") return ValueKind::file;
  return value == "DIR" ? ValueKind::folder : ValueKind::other;
}

std::vector<std::string> split_at_bars(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : std::views::split(text, '|')) words.emplace_back(word.begin(), word.end());
  return words;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  if (!option.nonpositional()) return {option.get_name(true)};
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

OptionEntry entry_of(const CLI::Option& option) {
  const bool is_flag = option.get_items_expected_max() == 0;
  OptionEntry entry{.names = names_of(option),
                    .value = is_flag ? "" : option.get_type_name(),
                    .help = on_one_line(option.get_description()),
                    .repeated = option.get_items_expected_max() > 1,
                    .required = option.get_required()};
  entry.kind = option.nonpositional() ? kind_of(entry.value) : ValueKind::file;
  if (entry.kind == ValueKind::words) entry.words = split_at_bars(entry.value);
  return entry;
}

CommandEntry entry_of(const CLI::App& app, const std::string& name) {
  CommandEntry entry{.name = name,
                     .help = app.get_description(),
                     .footer = app.get_footer(),
                     .options = {},
                     .arguments = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    (option->nonpositional() ? entry.options : entry.arguments).push_back(entry_of(*option));
  }
  return entry;
}

}  // namespace

std::vector<CommandEntry> command_table(const CLI::App& app) {
  std::vector<CommandEntry> table{entry_of(app, "")};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) table.push_back(entry_of(*command, command->get_name()));
  }
  return table;
}

}  // namespace sectile::cli
