#include "src/run/extended_source.h"

#include <algorithm>
#include <utility>

#include "src/image/check_access.h"
#include "src/plan/run_memory.h"

namespace sectile::internal {

ExtendedSource::ExtendedSource(ImageSource& source, std::vector<BandScaling> scalings,
                               const InputParts& parts, Size extended)
    : reader_(source, std::move(scalings), parts) {
  info_.size = extended;
  info_.bands = source.info().bands;
  info_.pixel_type = PixelType::f32;
}

Status ExtendedSource::read(const Rect& rect, std::span<float> out) {
  if (auto status = check_read(info_, rect, out.size()); !status) return status;
  const Planes part{out, rect, info_.bands};
  const Range columns{0, info_.size.width};
  if (rect.x == columns) return reader_.read(part, {});
  const std::int64_t rows_at_once = rows_per_read(info_.size.width, info_.bands);
  for (std::int64_t y = rect.y.begin; y < rect.y.end; y += rows_at_once) {
    const Range rows{y, std::min(y + rows_at_once, rect.y.end)};
    if (auto status = read_rows({rows, columns}, part); !status) return status;
  }
  return {};
}

Status ExtendedSource::read_rows(const Rect& rows, const Planes& part) {
  rows_.resize(static_cast<std::size_t>(rows.area() * info_.bands));
  const Planes whole{rows_, rows, info_.bands};
  if (auto status = reader_.read(whole, {}); !status) return status;
  for (int band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rows.y.begin; y < rows.y.end; ++y) {
      std::ranges::copy(whole.row(band, y, part.rect.x), part.row(band, y, part.rect.x).begin());
    }
  }
  return {};
}

}  // namespace sectile::internal
