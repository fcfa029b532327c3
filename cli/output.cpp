#include "cli/output.h"

#include <fmt/format.h>

#include "cli/classes.h"
#include "cli/options.h"
#include "cli/parse.h"

namespace sectile::cli {

void add_output_options(CLI::App& command, OutputKindArgument& argument) {
  add_parsed(command, "--output", argument.kind, parse_output_kind,
             "What is written: argmax is one band of classes (default: values)")
      ->type_name("values|argmax|softmax|sigmoid");
  add_parsed(command, "--threshold", argument.threshold, parse_threshold,
             "Write 1 where the value is at least X, else 0, as u8, e.g. 0.5")
      ->type_name("X");
  add_parsed(command, "--output-type", argument.type, parse_pixel_type,
             "Type of the output's pixels (default: the input's, when the format can hold it; of\n"
             "classes u8, of more than 256 u16)")
      ->type_name("u8|u16|f32");
  command
      .add_option("--classes", argument.classes_file,
                  "Names and colours of the network's bands: a JSON file")
      ->type_name("FILE");
}

Status check_output(const OutputKindArgument& kind, const OutputArgument& scaling) {
  const auto refuse = [](const std::string& what) {
    return fail(ErrorCode::invalid_argument, "[output] " + what);
  };
  const bool is_map = kind.kind == OutputKind::argmax;
  const bool is_scaled = !scaling.scaling.scale.empty() || !scaling.scaling.offset.empty();
  if (is_map && kind.threshold) return refuse("argmax has no threshold: leave one of them out");
  if ((is_map || kind.threshold) && (is_scaled || scaling.input_units)) {
    return refuse(
        fmt::format("{} writes {} as they are: leave out the output's scale, offset and "
                    "units",
                    is_map ? "argmax" : "a threshold", is_map ? "numbers of classes" : "0 and 1"));
  }
  if (!scaling.input_units || kind.kind.value_or(OutputKind::values) == OutputKind::values) {
    return {};
  }
  return refuse(
      fmt::format("{} makes numbers from 0 to 1, which are not in the input's units: "
                  "leave out the output's units",
                  to_string(*kind.kind)));
}

Result<PlanOptions> with_output(PlanOptions options, const OutputKindArgument& argument) {
  options.output = argument.kind.value_or(OutputKind::values);
  options.threshold = argument.threshold;
  options.output_type = argument.type;
  options.classes = argument.classes;
  if (argument.classes_file.empty()) return options;
  auto classes = read_classes(argument.classes_file);
  if (!classes) return fail(classes.error());
  options.classes = std::move(*classes);
  return options;
}

}  // namespace sectile::cli
