// sectile: the command-line tool.
#include <fmt/format.h>
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>

#include "cli/command.h"
#include "cli/messages.h"
#include "sectile/version.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile inspect denoise.pte
  sectile run denoise.pte scene.tif clean.tif --memory 512M
  sectile verify denoise.pte scene.tif --tile 256

`sectile COMMAND --help` says more about each command.
Exits: 0 done; 1 failed; 2 wrong usage; 3 verify or bench found a difference; 130 interrupted.)";

// The parser adds the last newline.
std::string version_text() {
  std::string text = build_info();
  text.pop_back();
  return text;
}

void describe_tool(CLI::App& app) {
  app.name("sectile");
  app.set_version_flag("--version", version_text, "Print what the tool is built from, and exit");
  app.footer(kFooter);
  app.get_formatter()->column_width(32);
}

void add_commands(CLI::App& app, Action& action) {
  add_inspect(app, action);
  add_plan(app, action);
  add_run(app, action);
  add_verify(app, action);
  add_build(app, action);
  add_bench(app, action);
  add_generate(app, action);
}

// "sectile", or "sectile run" when that command was given.
std::string command_name(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? "sectile" : "sectile " + commands.front()->get_name();
}

std::string names_of_commands(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const bool hidden = command->get_group().empty();
    if (!hidden) names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

// "--threads: 1 required N missing" are the parser's words.
std::string argument_message(const std::string& message) {
  const bool no_value = message.ends_with("missing") && message.starts_with('-');
  return no_value ? message.substr(0, message.find(':')) + " needs a value" : message;
}

// The parser's own words for a missing command do not say which commands there are.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  if (!app.get_subcommands().empty()) return argument_message(error.what());
  const auto extras = app.remaining();
  const std::string what =
      extras.empty() ? "no command was given" : fmt::format("no command '{}'", extras.front());
  return fmt::format("{}; the commands are {}", what, names_of_commands(app));
}

Exit fail_usage(const CLI::App& app, const CLI::ParseError& error) {
  print_error(fmt::format("{} (see: {} --help)", usage_message(app, error), command_name(app)));
  return Exit::usage;
}

Exit finish(const Result<Exit>& result) {
  if (!result) return fail_with(result.error());
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return *result;
  print_error("cannot write to the standard output");
  return Exit::failed;
}

// Known before the parser is: its own messages are JSON too.
bool wants_json_messages(std::span<char* const> words) {
  const std::string_view option = "--progress";
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--progress=json") return true;
    if (word == option && i + 1 < words.size() && words[i + 1] == std::string_view("json")) {
      return true;
    }
  }
  return false;
}

Exit parse_and_act(int argc, char** argv) {
  if (wants_json_messages({argv, static_cast<std::size_t>(argc)})) {
    set_message_form(MessageForm::json);
  }
  CLI::App app("Runs an ExecuTorch program over an image of any size, by exact tiles.");
  Action action;
  describe_tool(app);
  add_commands(app, action);
  try {
    app.parse(argc, argv);
    if (!action) throw CLI::RequiredError("a command");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return fail_usage(app, error);
    app.exit(error);  // --help and --version
    return finish(Exit::done);
  }
  return finish(action());
}

// glibc's allocator learns to keep blocks of up to 32 MiB that were freed, in a heap for each
// thread, which a memory limit cannot count on. Large blocks are to go back to the system at once.
void give_large_blocks_back() {
#ifdef __GLIBC__
  constexpr int kLargeBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
#endif
}

}  // namespace

Exit fail_with(const Error& error) {
  print_error(error.message);
  return error.code == ErrorCode::cancelled ? Exit::interrupted : Exit::failed;
}

}  // namespace sectile::cli

int main(int argc, char** argv) {
  using namespace sectile::cli;
  give_large_blocks_back();
  std::signal(SIGXFSZ, SIG_IGN);  // `ulimit -f`: writes then fail, and that is reported
  try {
    return static_cast<int>(parse_and_act(argc, argv));
  } catch (const std::exception& error) {  // the libraries used here may throw, memory may run out
    print_error(std::string("[internal] ") + error.what());
    return static_cast<int>(Exit::failed);
  }
}
