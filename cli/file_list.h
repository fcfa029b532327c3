// Which files a run over many is over, and what its outputs are called.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sectile/result.h"

namespace sectile::cli {

struct OutputNames {
  std::string folder;
  std::string suffix;
  std::string format;  // a GDAL driver; empty: the input's ending, or .tif
};

struct FileToRun {
  std::string input;
  std::string output;
  int page = 0;  // of the input; 0: as the options say
};

struct FileList {
  std::vector<FileToRun> files;
  // In the folders that were named: files that are no images, belong to another image, or are the
  // output of another one.
  std::int64_t left_alone = 0;
};

// Of folders, the images in them, by name; folders in those are not looked into. A folder that GDAL
// takes for an image is one.
// Errors: invalid_argument (two inputs with one output, no image at all), not_found (no folder for
// the outputs' folder), those of usual_ending.
Result<FileList> list_files(const std::vector<std::string>& inputs, const OutputNames& names);

// Makes the folder where it is missing. Errors: io.
Status make_folder(const std::string& folder);

}  // namespace sectile::cli
