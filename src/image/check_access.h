// The rules that every source and sink checks before it touches a pixel.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sectile/image.h"
#include "sectile/result.h"

namespace sectile::internal {

// The values of that part of the image. REQUIRES: check_info() found nothing.
std::size_t value_count(const ImageInfo& info, Size size);

// Errors: invalid_argument: there is no such pixel type.
Status check_pixel_type(PixelType type);

// Errors: invalid_argument (no pixels, no bands, more values than memory can address, a pixel type
// that does not exist).
Status check_info(const ImageInfo& info);

// Errors: invalid_argument: the rectangle is empty or reaches beyond the image, or the buffer does
// not hold its values.
Status check_read(const ImageInfo& info, const Rect& rect, std::size_t values);

// `next_row`: the first row that was not written yet.
// Errors: invalid_argument: other rows than the next ones, or the buffer does not hold their
// values.
Status check_write(const ImageInfo& info, std::int64_t next_row, Range rows, std::size_t values);

// Errors: invalid_argument: rows are missing.
Status check_complete(const ImageInfo& info, std::int64_t next_row);

}  // namespace sectile::internal
