// Scripts with which shells complete the tool's commands, options and their values.
#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"

namespace sectile::cli {

std::string bash_completion(const std::vector<CommandEntry>& table);
std::string zsh_completion(const std::vector<CommandEntry>& table);
std::string fish_completion(const std::vector<CommandEntry>& table);

}  // namespace sectile::cli
