// What a model says of itself, in a file beside it: model.json beside model.pte. What its pixels
// are, what its output is. docs/model.schema.json describes it.
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
  std::string file = {};  // empty: there is none
  std::string description = {};
  std::vector<int> bands = {};  // of the image, in the network's order
  std::optional<PixelType> input_type = {};
  InputScaling scaling = {};
  std::optional<double> nodata_fill = {};
  OutputKindArgument output = {};
  OutputArgument output_scaling = {};
};

// None for a model without such a file. Errors: those of FileValue; the message names file and key.
Result<ModelFacts> read_model_facts(const std::string& model);

// Errors: not_found (the method); invalid_argument: as many bands, numbers or classes as it does not
// have.
Status check_facts(const ModelFacts& facts, const Model& model, const std::string& method);

// Errors: invalid_argument: the image has pixels of another type than the facts say.
Status check_pixels(const ModelFacts& facts, const ImageInfo& image);

}  // namespace sectile::cli
