#include "src/run/strip_reader.h"

#include <algorithm>

#include "src/plan/run_memory.h"

namespace sectile::internal {

namespace {

// Where a read that begins at row y ends: no read touches two rows of large blocks, so that the
// source need not keep more than one, and small blocks are read whole.
std::int64_t read_end(const ImageInfo& image, std::int64_t y) {
  const std::int64_t end = y + rows_per_read(image);
  const std::int64_t block = std::max<std::int64_t>(1, image.block.height);
  const std::int64_t block_end = (y / block + 1) * block;
  return end <= block_end ? end : end / block * block;
}

void copy_rows(const ConstPlanes& from, const Planes& to, Range rows) {
  for (std::int64_t band = 0; band < to.bands; ++band) {
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      std::ranges::copy(from.row(band, y, to.rect.x), to.row(band, y, to.rect.x).begin());
    }
  }
}

}  // namespace

Status StripReader::read(const Planes& strip, const ConstPlanes& previous) {
  const ImageInfo& image = source_.info();
  const Range known = strip.rect.y.intersect(previous.rect.y);
  if (!known.empty()) copy_rows(previous, strip, known);
  const std::int64_t wanted = known.empty() ? strip.rect.y.begin : known.end;
  const std::int64_t inside_end = std::min(strip.rect.y.end, image.size.height);
  while (next_row_ < inside_end) {
    // Rows above those wanted are read by themselves, and left.
    const std::int64_t end = next_row_ < wanted ? std::min(wanted, inside_end) : inside_end;
    const Range rows{next_row_, std::min(read_end(image, next_row_), end)};
    if (auto status = read_pixels(rows); !status) return status;
    for (auto y = std::max(rows.begin, wanted); y < rows.end; ++y) take_row(strip, y);
    next_row_ = rows.end;
  }
  for (auto y = std::max(wanted, inside_end); y < strip.rect.y.end; ++y) {
    if (y == strip.rect.y.begin) {
      take_row(strip, y);
    } else {
      repeat_row_above(strip, y);
    }
  }
  return {};
}

Status StripReader::read_pixels(Range rows) {
  const Rect rect{rows, {0, source_.info().size.width}};
  pixels_.resize(static_cast<std::size_t>(rect.area() * source_.info().bands));
  pixel_rows_ = rows;
  return source_.read(rect, pixels_);
}

void StripReader::take_row(const Planes& strip, std::int64_t row) const {
  const Size image = source_.info().size;
  const Range columns{0, image.width};
  const ConstPlanes pixels{pixels_, {pixel_rows_, columns}, strip.bands};
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const auto index = static_cast<std::size_t>(b);
    const bool below = row >= image.height;
    const std::int64_t from = below ? places_[index].last_row_band : b;
    apply_scaling(scalings_[index], pixels.row(from, std::min(row, image.height - 1), columns),
                  strip.row(b, row, columns));
  }
  repeat_last_column(strip, row);
}

void StripReader::repeat_last_column(const Planes& strip, std::int64_t row) const {
  const std::int64_t width = source_.info().size.width;
  const Range right{width, strip.rect.x.end};
  if (right.empty()) return;
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const std::int64_t from = places_[static_cast<std::size_t>(b)].last_column_band;
    std::ranges::fill(strip.row(b, row, right), strip.row(from, row, {width - 1, width})[0]);
  }
}

void StripReader::repeat_row_above(const Planes& strip, std::int64_t row) const {
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const std::int64_t from = places_[static_cast<std::size_t>(b)].last_row_band;
    std::ranges::copy(strip.row(from, row - 1, strip.rect.x),
                      strip.row(b, row, strip.rect.x).begin());
  }
}

}  // namespace sectile::internal
