// Images in files, read and written with GDAL.
//
// Thread safety: as every ImageSource and ImageSink.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sectile/host.h"
#include "sectile/image.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

struct ReadOptions {
  std::vector<int> bands = {};  // from 1 on, in the order in which they are wanted; empty: all
  int page = 0;  // of a file of several images, from 1 on; 0: GDAL's choice, the first
};

// Opens any file that GDAL reads. A colour table is replaced by its colours (red, green and blue;
// grey where all are; alpha too where some are transparent). Where white is 0, pixels are turned
// over, so that more is always brighter. An EXIF orientation and masks are not applied; alpha is
// one more band.
// Errors: not_found, io (not an image, or damaged), unsupported (complex pixels; built without
// GDAL), invalid_argument (a band or a page that is not there).
Result<std::unique_ptr<ImageSource>> open_image(const std::string& path,
                                                const HostOptions& host = {},
                                                const ReadOptions& read = {});

struct CreateOptions {
  bool overwrite = false;                        // an existing output is an error without it
  std::string format = {};                       // GDAL driver name; empty: by the name's ending
  std::vector<std::string> driver_options = {};  // "KEY=VALUE", passed to the driver
  HostOptions host = {};                         // where a finished file is read back
  // Files that must stay, such as those of the input (image_files): the output is refused if it
  // would replace or remove one of them.
  std::vector<std::string> keep = {};
};

// The files that GDAL reads for an image: the file itself, side files, the sources of a VRT, the
// archive of a /vsizip/ name, the file that a name such as GTIFF_DIR:2:s.tif stands for. Only files
// that there are; what cannot be opened has none but those that its name holds.
Result<std::vector<std::string>> image_files(const std::string& path);

// Whether GDAL takes the file (or the folder) for an image, by its name and its first bytes.
bool is_image(const std::string& path);

// The ending that files of a GDAL driver usually have, such as ".tif"; empty where there is none.
// Errors: invalid_argument (no such driver), unsupported (it cannot write images).
Result<std::string> usual_ending(const std::string& format);

// A region of interest as a mask for `image`: an image of its size, place and reference system
// whose first band is not 0 there, or polygons (any format of shapes that GDAL reads) in its
// coordinates; of an image that lies nowhere on Earth, in its columns and rows. With `reproject`,
// those of another place or reference system are brought to the image's pixels, to the nearest.
// Errors: not_found, io, invalid_argument (a mask of another size, place or reference system; an
// image that lies nowhere, with `reproject`).
Result<std::shared_ptr<const Mask>> read_mask_file(const std::string& path, const ImageInfo& image,
                                                   bool reproject = false);

// Starts a file with info.size, info.bands, info.pixel_type, info.geo and info.metadata. The sink's
// own info() has 0 bits where the format cannot hold as few as info.bits. Endings .tif .tiff
// (GeoTIFF, BigTIFF when it could pass 4 GB), .cog.tif (COG), .png, .jpg .jpeg; `format` names any
// other driver that can write. The file appears under its name in finish().
// Before that, a small image is written in the same way and compared. `overwrite` replaces an
// output, whose access rights the new one gets, and side files that GDAL would read with it.
// Errors: invalid_argument (the output or such a side file exists, a read-only output, an unknown
// ending, an image that the format does not keep), not_found (no such folder), io, unsupported.
Result<std::unique_ptr<ImageSink>> create_image(const std::string& path, const ImageInfo& info,
                                                const CreateOptions& options = {});

}  // namespace sectile
