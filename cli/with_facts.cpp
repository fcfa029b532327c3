#include "cli/with_facts.h"

#include <fmt/format.h>

#include <utility>

namespace sectile::cli {

ReadArgument with_facts(ReadArgument given, const ModelFacts& facts) {
  if (given.bands.empty() && !facts.bands.empty()) given.bands = {facts.bands};
  return given;
}

ReadArgument with_facts(ReadArgument given, const ImageArgument& image, const ModelFacts& facts) {
  return is_file(image) ? with_facts(std::move(given), facts) : given;
}

InputScaling with_facts(InputScaling given, const ModelFacts& facts) {
  if (!given.scale) given.scale = facts.scaling.scale;
  if (given.mean.empty()) given.mean = facts.scaling.mean;
  if (given.std.empty()) given.std = facts.scaling.std;
  if (given.fill.empty()) given.fill = facts.scaling.fill;
  return given;
}

Result<OutputArguments> with_facts(OutputArguments given, const ModelFacts& facts) {
  auto& [kind, scaling] = given;
  const bool has_kind = kind.kind || kind.threshold;
  const bool has_scaling =
      scaling.input_units || !scaling.scaling.scale.empty() || !scaling.scaling.offset.empty();
  if (!has_kind) {
    kind.kind = facts.output.kind;
    kind.threshold = facts.output.threshold;
    if (!kind.type) kind.type = facts.output.type;
    if (!has_scaling) scaling = facts.output_scaling;
  }
  kind.classes = facts.output.classes;
  const auto status = check_output(kind, scaling);
  if (status) return given;
  return fail(status.error().code,
              fmt::format("{} ({} says what is not given)", status.error().message, facts.source));
}

}  // namespace sectile::cli
