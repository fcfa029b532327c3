// A small image, written before the run in the way of the real one.
//
// What a driver does with so many bands of such a type, with such options, is written nowhere: it
// may make bands of another type, keep one of three, or leave them black. Asking costs some
// milliseconds; finding out after the run may cost a day.
#pragma once

#include <string>
#include <vector>

#include "sectile/image_files.h"
#include "src/image/gdal/format.h"

namespace sectile::internal {

struct Probe {
  OutputFormat format;             // the way in which the driver keeps the image
  std::vector<std::string> files;  // the names of the files that it makes, that of `path` included
};

// Writes a small image of the kind of `info` to a file named as `path`, in memory or, where that
// fails, in a folder inside `folder`. Reads it, compares, and removes all of it. A driver that does
// not take blocks rightly may still copy.
// Errors: invalid_argument (the format does not keep such an image), io (`folder` is full).
Result<Probe> probe_format(const OutputFormat& format, const ImageInfo& info,
                           const std::string& path, const std::string& folder);

// A small image of the kind of `info`, without a place on Earth, by way of the file `scratch`.
Status write_small_image(const OutputFormat& format, const ImageInfo& info, const std::string& file,
                         const std::string& scratch);

}  // namespace sectile::internal
