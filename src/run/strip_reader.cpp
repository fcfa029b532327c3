#include "src/run/strip_reader.h"

#include <algorithm>
#include <cassert>

#include "src/plan/run_memory.h"

namespace sectile::internal {

namespace {

// Where a read that begins at row y ends: no read touches two rows of large blocks, so that the
// source need not keep more than one, and small blocks are read whole.
std::int64_t read_end(const ImageInfo& image, std::int64_t width, std::int64_t y) {
  const std::int64_t end = y + rows_per_read(width, image.bands);
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

void fill_rows(const Planes& strip, Range rows, Range columns, float value) {
  if (columns.empty()) return;
  for (std::int64_t band = 0; band < strip.bands; ++band) {
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      std::ranges::fill(strip.row(band, y, columns), value);
    }
  }
}

}  // namespace

Status StripReader::read(const Planes& strip, const ConstPlanes& previous) {
  const Range known = strip.rect.y.intersect(previous.rect.y);
  if (!known.empty()) copy_rows(previous, strip, known);
  const std::int64_t wanted = known.empty() ? strip.rect.y.begin : known.end;
  const std::int64_t inside_end = std::min(strip.rect.y.end, window_.y.end);
  while (next_row_ < inside_end) {
    // Rows above those wanted are read by themselves, and left.
    const std::int64_t end = next_row_ < wanted ? std::min(wanted, inside_end) : inside_end;
    const std::int64_t read_to = read_end(source_.info(), window_.x.size(), next_row_);
    const Range rows{next_row_, std::min(read_to, end)};
    if (auto status = read_pixels(rows); !status) return status;
    for (auto y = std::max(rows.begin, wanted); y < rows.end; ++y) take_row(strip, y);
    next_row_ = rows.end;
  }
  fill_rows(strip, Range{wanted, window_.y.begin}.intersect(strip.rect.y), strip.rect.x, 0);
  for (auto y = std::max(wanted, inside_end); y < strip.rect.y.end; ++y) {
    fill_below_window(strip, y);
  }
  return {};
}

Status StripReader::read_pixels(Range rows) {
  const Rect rect{rows, window_.x};
  pixels_.resize(static_cast<std::size_t>(rect.area() * source_.info().bands));
  pixel_rows_ = rows;
  return source_.read(rect, pixels_);
}

void StripReader::take_row(const Planes& strip, std::int64_t row) {
  assert(strip.rect.x.contains(window_.x));
  const std::int64_t height = source_.info().size.height;
  const ConstPlanes pixels{pixels_, {pixel_rows_, window_.x}, strip.bands};
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const auto index = static_cast<std::size_t>(b);
    const std::int64_t from = row >= height ? places_[index].last_row_band : b;
    apply_scaling(scalings_[index], pixels.row(from, std::min(row, height - 1), window_.x),
                  strip.row(b, row, window_.x));
  }
  if (source_.info().mask) fill_masked(strip, row);
  fill_beside_window(strip, row);
}

void StripReader::fill_masked(const Planes& strip, std::int64_t row) {
  mask_.resize(static_cast<std::size_t>(window_.x.size()));
  const std::int64_t last_row = source_.info().size.height - 1;
  source_.info().mask->read_row(std::min(row, last_row), window_.x, mask_);
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const float fill = scalings_[static_cast<std::size_t>(b)].fill;
    blank_masked(mask_, fill, strip.row(b, row, window_.x));
  }
}

void StripReader::fill_beside_window(const Planes& strip, std::int64_t row) const {
  const Range left{strip.rect.x.begin, window_.x.begin};
  const Range right{window_.x.end, strip.rect.x.end};
  fill_rows(strip, {row, row + 1}, left, 0);
  if (right.empty()) return;
  const bool ends_the_image = window_.x.end == source_.info().size.width;
  for (std::int64_t b = 0; b < strip.bands; ++b) {
    const std::int64_t from = places_[static_cast<std::size_t>(b)].last_column_band;
    const Range last{window_.x.end - 1, window_.x.end};
    std::ranges::fill(strip.row(b, row, right), ends_the_image ? strip.row(from, row, last)[0] : 0);
  }
}

void StripReader::fill_below_window(const Planes& strip, std::int64_t row) {
  if (window_.y.end < source_.info().size.height) {
    fill_rows(strip, {row, row + 1}, strip.rect.x, 0);
  } else if (row == strip.rect.y.begin) {
    take_row(strip, row);
  } else {
    repeat_row_above(strip, row);
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
