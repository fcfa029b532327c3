// OutputFormat: which GDAL driver makes an output file, in which way and with which options.
//
// A *direct* format takes blocks of pixels in any order, so rows go to the final file as they come.
// The others (PNG, JPEG, COG, ...) want a complete image to copy: rows go to a plain TIFF first,
// which is copied when it is complete.
//
// Thread safety: values; choose_format may run on any thread.
#pragma once

#include <cpl_string.h>
#include <gdal.h>

#include <string>
#include <string_view>

#include "sectile/image_files.h"

namespace sectile::internal {

struct OutputFormat {
  GDALDriverH driver = nullptr;
  std::string name;            // the driver's
  CPLStringList options;       // for the driver, the caller's included
  bool known = false;          // one of those that Sectile has a rule for
  bool direct = false;         // it takes blocks; else it copies
  bool copies = false;         // it can copy
  bool in_memory = false;      // it can be written to GDAL's memory (/vsimem)
  bool loses_detail = false;   // by its nature or its options: pixels come back similar, not equal
  bool copies_by_row = false;  // the copy walks down the image row by row, not by blocks
  bool reports_every_failure = false;
  bool keeps_approximation = false;  // in the file itself, by its options
  std::string_view end_marker;       // the last bytes of every complete file; empty: not known
  int bits = 0;                      // of integer pixels, where fewer than the type's
  bool callers_colors = false;       // the caller's options say what the bands mean
};

// Checks all that can be known before the first pixel: the ending, the size, the bands, the pixel
// type, the options.
// Errors: invalid_argument, unsupported (the driver cannot write files).
Result<OutputFormat> choose_format(const std::string& path, const ImageInfo& info,
                                   const CreateOptions& options);

// ".tif"; empty where the driver names none.
// Errors: those of choose_format about the driver.
Result<std::string> usual_ending_of(const std::string& name);

// Of an image in the format of that driver, as far as Sectile knows of a limit.
std::int64_t longest_side_px(const std::string& driver);

// How a plain TIFF for a later copy is made.
OutputFormat intermediate_format(const OutputFormat& format, const ImageInfo& info);

}  // namespace sectile::internal
