// From pixels to the network's numbers and back, as the command line says it.
#pragma once

#include <CLI/CLI.hpp>
#include <vector>

#include "sectile/image.h"
#include "sectile/options.h"

namespace sectile::cli {

struct OutputArgument {
  OutputScaling scaling = {};
  bool input_units = false;  // as the input's pixels; then `scaling` is empty
};

// --input-scale, --input-mean, --input-std, --output-scale, --output-offset, --output-units.
void add_scaling_options(CLI::App& command, InputScaling& input, OutputArgument& output);

OutputScaling scaling_of(const OutputArgument& output, const InputScaling& input,
                         const ImageInfo& image);

// What is known of the image, less what the output's pixels do not stand for when they are scaled
// so.
ImageInfo as_scaled(ImageInfo image, const InputScaling& input, const OutputArgument& output);

}  // namespace sectile::cli
