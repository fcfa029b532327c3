// Which pixels of the input are data: what the files say, and a region of interest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "sectile/image.h"
#include "sectile/result.h"

namespace sectile::cli {

struct MaskArgument {
  bool keep_nodata = true;
  std::string file = {};  // of a region of interest: an image or shapes; empty: none
  bool reproject = false;
};

// --nodata, --mask and --mask-reproject.
void add_mask_options(CLI::App& command, MaskArgument& argument);

// The image with its mask, if it has one. Says on stderr when no pixel is data, unless `quiet`.
// Errors: those of read_mask and read_mask_file; invalid_argument (an input that cannot be read
// twice).
Result<std::unique_ptr<ImageSource>> with_masks(std::unique_ptr<ImageSource> source,
                                                const std::vector<std::string>& paths,
                                                const MaskArgument& argument, bool quiet);

}  // namespace sectile::cli
