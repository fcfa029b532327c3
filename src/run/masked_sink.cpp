#include "src/run/masked_sink.h"

#include <algorithm>

#include "sectile/mask.h"
#include "src/image/held_memory.h"
#include "src/run/planes.h"

namespace sectile::internal {

MaskedSink::MaskedSink(const PlanData& plan, ImageSink& image)
    : image_(image),
      info_(image.info()),
      made_{plan.window.y.shifted(-plan.written.y.begin),
            plan.window.x.shifted(-plan.written.x.begin)},
      rows_at_a_time_(masked_rows_at_a_time(plan.output_image)),
      mask_(static_cast<std::size_t>(made_.x.size())) {
  info_.size = made_.size();
  info_.mask = plan.output_image.mask;
}

Status MaskedSink::write(Range rows, std::span<const float> pixels) {
  if (auto status = write_empty_rows(made_.y.begin); !status) return status;
  for (std::int64_t y = rows.begin; y < rows.end; y += rows_at_a_time_) {
    const Range part{y, std::min(y + rows_at_a_time_, rows.end)};
    if (auto status = pass_on(part, rows, pixels); !status) return status;
  }
  return {};
}

Status MaskedSink::write_empty_rows(std::int64_t end) {
  const Size size = image_.info().size;
  while (next_row_ < end) {
    const Range rows{next_row_, std::min(next_row_ + rows_at_a_time_, end)};
    rows_.assign(static_cast<std::size_t>(rows.size() * size.width * image_.info().bands), 0);
    if (auto status = image_.write(rows, rows_); !status) return status;
    next_row_ = rows.end;
  }
  return {};
}

// Some rows of those that were made and are given.
Status MaskedSink::pass_on(Range rows, Range made, std::span<const float> pixels) {
  const Range columns{0, image_.info().size.width};
  const std::int64_t bands = image_.info().bands;
  rows_.assign(static_cast<std::size_t>(rows.size() * columns.size() * bands), 0);
  const Planes whole{rows_, {rows.shifted(made_.y.begin), columns}, bands};
  const ConstPlanes given{pixels, {made.shifted(made_.y.begin), made_.x}, bands};
  for (std::int64_t y = whole.rect.y.begin; y < whole.rect.y.end; ++y) {
    info_.mask->read_row(y, made_.x, mask_);
    for (std::int64_t band = 0; band < bands; ++band) {
      const auto row = whole.row(band, y, made_.x);
      std::ranges::copy(given.row(band, y, made_.x), row.begin());
      blank_masked(mask_, 0, row);
    }
  }
  next_row_ = whole.rect.y.end;
  return image_.write(whole.rect.y, rows_);
}

Status MaskedSink::complete() {
  auto status = write_empty_rows(image_.info().size.height);
  return status ? image_.complete() : status;
}

Status MaskedSink::finish() {
  auto status = write_empty_rows(image_.info().size.height);
  return status ? image_.finish() : status;
}

}  // namespace sectile::internal
