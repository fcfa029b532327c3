// What an output file does not hold of what is true of it.
#pragma once

#include <string>

#include "sectile/image.h"

namespace sectile::cli {

// `wanted` is what the output was to hold. Reads the finished file again, and warns on stderr of a
// place on Earth or an orientation that its format does not keep.
void print_losses(const ImageInfo& wanted, const std::string& output);

}  // namespace sectile::cli
