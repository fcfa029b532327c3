// What several commands ask of the command line, described once.
//
// Every function here adds to `command`. The values are written to the given variables while the
// parser runs, so these must live as long as the parser. A word that cannot be read is a usage
// error that names the option.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/parse.h"
#include "sectile/model.h"
#include "sectile/plan.h"

namespace sectile::cli {

// Adds an option or an argument whose text `parse` turns into `value`.
template <typename T, typename Target>
CLI::Option* add_parsed(CLI::App& command, const std::string& name, Target& value,
                        Result<T> (*parse)(const std::string&), const std::string& help) {
  const auto store = [&value, parse, name](const std::string& text) {
    auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
    value = std::move(*parsed);
  };
  return command.add_option_function<std::string>(name, store, help);
}

// The same for an option that may be given several times; each time adds one element to `values`.
template <typename T>
CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<T>& values,
                          Result<T> (*parse)(const std::string&), const std::string& help) {
  const auto store = [&values, parse, name](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      auto parsed = parse(text);
      if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
      values.push_back(std::move(*parsed));
    }
  };
  return command.add_option_function<std::vector<std::string>>(name, store, help)
      ->allow_extra_args(false);
}

// The process is the tool's own: all of it may be changed.
inline constexpr HostOptions kOwnProcess{.limit_gdal_cache = true, .trim_heap = true};

struct ModelArgument {
  std::string path;
  OpenOptions options = {};

  Result<Model> open() const { return Model::open(path, options); }
};

// The argument MODEL, and --fixed-sizes.
void add_model(CLI::App& command, ModelArgument& model);

// --memory, --threads, --mode, --tile, --step, --method, --keep, --temp-dir, --temp-limit.
void add_plan_options(CLI::App& command, PlanOptions& options);

// --approximate and --overlap. REQUIRES: add_plan_options was called.
// Of networks that take statistics of the whole image.
void add_statistics_option(CLI::App& command, PlanOptions& options);
void add_approximate_options(CLI::App& command, PlanOptions& options);

// For a command that has no use for --approximate: a usage error that says why.
void refuse_approximate(CLI::App& command, const std::string& why);

// --json.
void add_json(CLI::App& command, bool& json);

// Throws CLI::ValidationError for an error.
void usage_error_of(const Status& status);

// Options that are fine one by one and not together. Throws CLI::ValidationError.
void check_plan_options(const PlanOptions& options);

}  // namespace sectile::cli
