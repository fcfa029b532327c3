// What the command line says, and of what it leaves open what the model's facts say.
//
// Thread safety: pure functions.
#pragma once

#include "cli/input.h"
#include "cli/model_facts.h"
#include "cli/output.h"
#include "cli/scaling.h"

namespace sectile::cli {

InputScaling with_facts(InputScaling given, const ModelFacts& facts);
ReadArgument with_facts(ReadArgument given, const ModelFacts& facts);
// The facts are of files: pixels that are made up are the network's numbers.
ReadArgument with_facts(ReadArgument given, const ImageArgument& image, const ModelFacts& facts);

// A kind of output, or a threshold, that is given replaces all that the facts say of the output but
// the classes; a scale, offset or units replace those of the facts.
struct OutputArguments {
  OutputKindArgument kind;
  OutputArgument scaling;
};
// Errors: those of check_output; the message names the facts' file.
Result<OutputArguments> with_facts(OutputArguments given, const ModelFacts& facts);

}  // namespace sectile::cli
