// What reading and writing files keeps in memory.
//
// Most formats decode a block or a row at a time. Some files cannot be: a progressive JPEG refines
// the whole picture scan by scan, an interlaced PNG fills it in seven passes, and WebP and GIF are
// decoded in one go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sectile/image.h"

namespace sectile::internal {

// `driver` is GDAL's short name. 0 for a file that decodes piece by piece, or of an unknown format.
std::int64_t decoder_bytes(std::string_view driver, const std::string& path, const ImageInfo& info);

// The same of writing; `driver` as above. 0 for a format that encodes piece by piece, or an unknown
// one.
std::int64_t encoder_bytes(std::string_view driver, const ImageInfo& info);

// Of writing an image in such blocks: a row of them, a piece of one, and three block copies
// (GDAL's, the compressor's input and its output), and for an image with a CRS, what names it.
std::int64_t writing_bytes(const ImageInfo& info, Size block);

// Rows of an output with a mask that are passed on at a time.
std::int64_t masked_rows_at_a_time(const ImageInfo& output);
// What the masks of an image and of its output hold, and the rows on their way past them: the run's
// own, and the file's, which may have alpha.
std::int64_t masking_bytes(const ImageInfo& image, const ImageInfo& output);

}  // namespace sectile::internal
