// Man pages of the tool and of each command.
#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"

namespace sectile::cli {

struct ManPage {
  std::string name;  // "sectile-run.1"
  std::string text;  // for man(7)
};

std::vector<ManPage> man_pages(const std::vector<CommandEntry>& table, const std::string& version);

}  // namespace sectile::cli
