// What the output is made of, as the command line says it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/scaling.h"
#include "sectile/metadata.h"
#include "sectile/options.h"
#include "sectile/result.h"

namespace sectile::cli {

struct OutputKindArgument {
  std::optional<OutputKind> kind = {};
  std::optional<double> threshold = {};
  std::optional<PixelType> type = {};
  std::string classes_file = {};
  std::vector<ClassInfo> classes = {};  // where there is no such file
};

// --output, --threshold, --output-type, --classes.
void add_output_options(CLI::App& command, OutputKindArgument& argument);

// Errors: invalid_argument: options that are fine one by one and not together.
Status check_output(const OutputKindArgument& kind, const OutputArgument& scaling);

// The options of a plan, with what the argument says. Errors: those of read_classes.
Result<PlanOptions> with_output(PlanOptions options, const OutputKindArgument& argument);

}  // namespace sectile::cli
