#include "src/run/band_reader.h"

#include <algorithm>

namespace sectile {

namespace {
// Rows of one call to the source: enough for any file's block, little against a band.
constexpr std::int64_t kRowsPerRead = 64;

void copy_rows(const ConstPlanes& from, const Planes& to, Range rows) {
  for (std::int64_t band = 0; band < to.bands; ++band) {
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      std::ranges::copy(from.row(band, y, to.rect.x), to.row(band, y, to.rect.x).begin());
    }
  }
}
}  // namespace

Status BandReader::read(const Planes& band, const ConstPlanes& previous) {
  const Size image = source_.info().size;
  const Range inside = band.rect.y.intersect({0, image.height});
  const Range known = inside.intersect(previous.rect.y);
  if (!known.empty()) copy_rows(previous, band, known);
  std::int64_t y = known.empty() ? inside.begin : known.end;
  while (y < inside.end) {
    const Range rows{y, std::min(y + kRowsPerRead, inside.end)};
    if (auto status = read_rows(band, rows); !status) return status;
    y = rows.end;
  }
  repeat_edge(band, {inside, {0, image.width}});
  return {};
}

Status BandReader::read_rows(const Planes& band, Range rows) {
  const Range columns{0, source_.info().size.width};
  const Rect rect{rows, columns};
  pixels_.resize(static_cast<std::size_t>(rect.area() * band.bands));
  if (auto status = source_.read(rect, pixels_); !status) return status;
  const ConstPlanes pixels{pixels_, rect, band.bands};
  for (std::int64_t b = 0; b < band.bands; ++b) {
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      apply(scalings_[static_cast<std::size_t>(b)], pixels.row(b, y, columns),
            band.row(b, y, columns));
    }
  }
  return {};
}

}  // namespace sectile
