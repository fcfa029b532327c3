// The commands of the tool, and how each one ends.
//
// A command is one file: it describes its arguments to the parser, keeps them in a struct, calls
// the library and prints. `add_NAME` does the first part; the action it returns does the
// rest, after the whole command line was read.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "sectile/result.h"

namespace sectile::cli {

enum class Exit {
  done = 0,
  failed = 1,      // an Error; its message went to stderr
  usage = 2,       // the command line made no sense; nothing was done
  difference = 3,  // the planned run and the whole-image run differ
  interrupted = 130,
};

using Action = std::function<Result<Exit>()>;

// Each adds one command to the parser. When that command was given, parsing sets `action`.
void add_inspect(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_build(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_generate(CLI::App& app, Action& action);

// Prints the error, and says how a command ends with it.
Exit fail_with(const Error& error);

}  // namespace sectile::cli
