// The commands and options of the tool as data, read from the parser that has them: for the man
// pages and the completions of shells.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace sectile::cli {

// What stands after an option.
enum class ValueKind {
  none,    // nothing: it is a flag
  words,   // one of some words
  file,    // a file
  folder,  // a folder
  other,   // a number, a size, a name
};

struct OptionEntry {
  std::vector<std::string> names;  // "-o", "--output"; of an argument "MODEL"
  std::string value;               // "SIZE", "auto|whole|tile"; empty for a flag
  ValueKind kind = ValueKind::none;
  std::vector<std::string> words = {};  // of ValueKind::words
  std::string help = {};                // one line
  bool repeated = false;
  bool required = false;
};

struct CommandEntry {
  std::string name;  // empty: the tool itself
  std::string help;
  std::string footer;
  std::vector<OptionEntry> options;
  std::vector<OptionEntry> arguments;
};

// The tool itself first. What --help does not show is left out.
std::vector<CommandEntry> command_table(const CLI::App& app);

}  // namespace sectile::cli
