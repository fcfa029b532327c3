// sectile generate: what the build installs beside the tool. It is not in --help.
#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/command_table.h"
#include "cli/completion.h"
#include "cli/files.h"
#include "cli/man_pages.h"
#include "sectile/version.h"

namespace sectile::cli {

namespace {

std::string version() {
  return fmt::format("{}.{}.{}", SECTILE_VERSION_MAJOR, SECTILE_VERSION_MINOR,
                     SECTILE_VERSION_PATCH);
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
  auto file = ReportFile::open(path.string(), "generate");
  if (!file) return fail(file.error());
  (*file)->append(text);
  return (*file)->finish();
}

Result<Exit> generate(const CLI::App& app, const std::string& folder) {
  const std::vector<CommandEntry> table = command_table(app);
  std::vector<ManPage> files = man_pages(table, version());
  files.push_back({"sectile.bash", bash_completion(table)});
  files.push_back({"_sectile", zsh_completion(table)});
  files.push_back({"sectile.fish", fish_completion(table)});
  for (const auto& [name, text] : files) {
    const auto status = write_file(std::filesystem::path(folder) / name, text);
    if (!status) return fail(status.error());
  }
  return Exit::done;
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("generate", "Write completion scripts and man pages");
  command->group("");
  const auto folder = std::make_shared<std::string>();
  command->add_option("FOLDER", *folder, "Where to")->required()->type_name("");
  command->callback(
      [&action, &app, folder] { action = [&app, folder] { return generate(app, *folder); }; });
}

}  // namespace sectile::cli
