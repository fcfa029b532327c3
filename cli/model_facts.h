// What a model says of itself: what its pixels are, what its output is. It is in a file beside it,
// model.json beside model.pte, or in the program (Model::facts). docs/model.schema.json describes
// it.
//
// Thread safety: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/scaling.h"
#include "sectile/model.h"

namespace sectile::cli {

struct ModelFacts {
  std::string source = {};  // the file, or the program, for messages; empty: there are none
  std::string file = {};    // empty: they are in the program
  std::string description = {};
  std::vector<int> bands = {};  // of the image, in the network's order
  std::optional<PixelType> input_type = {};
  InputScaling scaling = {};
  OutputKindArgument output = {};
  OutputArgument output_scaling = {};
};

// Where there is a file, what the program says does not count. Errors: those of FileValue; the
// message names file and key.
Result<ModelFacts> read_model_facts(const Model& model);

// Errors: not_found (the method); invalid_argument: another number of bands, scales or classes than
// it has.
Status check_facts(const ModelFacts& facts, const Model& model, const std::string& method);

// Errors: invalid_argument: the image has pixels of another type than the facts say.
Status check_pixels(const ModelFacts& facts, const ImageInfo& image);

}  // namespace sectile::cli
