// sectile build: a program with a method for each size, for any plain ExecuTorch runtime.
#include "sectile/build.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/options.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Example:
  sectile build denoise.pte -o sizes.pte --method small=256x256 --method large=1024x1024

WxH is width x height; of inputs of several sizes, of the smallest. The weights are stored once,
whatever the number of methods.)";

struct BuildOptions {
  ModelArgument model;
  std::string output;
  std::string source;
  std::vector<BuildMethod> methods;
  bool overwrite = false;
};

std::vector<BuildMethod> methods_of(const BuildOptions& options) {
  std::vector<BuildMethod> methods = options.methods;
  for (BuildMethod& method : methods) method.source = options.source;
  return methods;
}

Result<Exit> build(const BuildOptions& options) {
  const auto model = options.model.open();
  if (!model) return fail(model.error());
  const auto methods = methods_of(options);
  const auto status = build_program(*model, options.output, methods, options.overwrite);
  if (!status) return fail(status.error());
  fmt::print("{}:", options.output);
  for (const BuildMethod& method : methods) {
    fmt::print(" {} {}", method.name, to_string(method.size));
  }
  fmt::print("\n");
  return Exit::done;
}

}  // namespace

void add_build(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("build", "Write a program with a method for each size that is asked for");
  command->footer(kFooter);
  auto options = std::make_shared<BuildOptions>();
  add_model(*command, options->model);
  command->add_option("-o,--output", options->output, "The program to write")
      ->required()
      ->type_name("OUT");
  add_repeated(*command, "--method", options->methods, parse_build_method,
               "A method of OUT and its input size; once for each method")
      ->required()
      ->type_name("NAME=WxH");
  command
      ->add_option("--from", options->source, "Method of MODEL to take (the only one, or forward)")
      ->type_name("NAME");
  command->add_flag("--overwrite", options->overwrite, "Replace OUT if it exists");
  command->callback([&action, options] { action = [options] { return build(*options); }; });
}

}  // namespace sectile::cli
