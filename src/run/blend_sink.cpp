#include "src/run/blend_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "src/plan/plan_data.h"
#include "src/plan/run_memory.h"

namespace sectile::internal {

namespace {

std::int64_t tile_rows(const AxisTile& tile) { return tile.output.size(); }

void lay_side_by_side(std::vector<AxisTile>& tiles) {
  std::int64_t begin = 0;
  for (AxisTile& tile : tiles) {
    tile.output = {begin, begin + tile_rows(tile)};
    begin = tile.output.end;
  }
}

std::vector<char> shared(const std::vector<AxisTile>& tiles, std::int64_t length) {
  std::vector<char> several(static_cast<std::size_t>(length), 0);
  for (std::size_t i = 1; i < tiles.size(); ++i) {
    const Range both = tiles[i - 1].output.intersect(tiles[i].output).intersect({0, length});
    for (auto at = both.begin; at < both.end; ++at) several[static_cast<std::size_t>(at)] = 1;
  }
  return several;
}

}  // namespace

PlanData sheet_plan(const PlanData& plan) {
  PlanData sheet = plan;
  lay_side_by_side(sheet.rows);
  lay_side_by_side(sheet.columns);
  sheet.output = {sheet.rows.back().output.end, sheet.columns.back().output.end};
  sheet.window = sheet.written = Rect::of(sheet.output);
  sheet.output_image.size = sheet.output;
  sheet.output_image.mask.reset();  // tiles show pixels twice
  take_network_output(sheet);
  return sheet;
}

BlendSink::BlendSink(const PlanData& plan, ImageSink& image, OutputValues values)
    : image_(image),
      values_(std::move(values)),
      info_(sheet_plan(plan).output_image),
      rows_(plan.rows),
      columns_(plan.columns),
      row_shares_(blend_shares(plan.rows)),
      column_shares_(blend_shares(plan.columns)),
      shared_rows_(shared(plan.rows, plan.output.height)),
      shared_columns_(shared(plan.columns, plan.output.width)),
      bands_(static_cast<std::size_t>(plan.network_bands)) {
  static_assert(sizeof(Sum) == 16, "blending_bytes counts so many");
  held_rows_ = {0, tile_rows(rows_[0])};
  rows_at_a_time_ = blended_rows_at_a_time(held_rows_.size());
  for (BandDisagreement& band : bands_) {
    band.least = std::numeric_limits<float>::infinity();
    band.most = -std::numeric_limits<float>::infinity();
  }
}

Result<std::unique_ptr<BlendSink>> BlendSink::create(const PlanData& plan, ImageSink& image,
                                                     OutputValues values) {
  std::unique_ptr<BlendSink> sink(new BlendSink(plan, image, std::move(values)));
  if (auto status = sink->allocate(); !status) return fail(status.error());
  return sink;
}

Status BlendSink::allocate() {
  const std::int64_t a_row = image_.info().size.width * info_.bands;
  const auto sums = static_cast<std::size_t>(held_rows_.size() * a_row);
  sums_.reset(new (std::nothrow) Sum[sums]());
  pixels_.reset(new (std::nothrow) float[static_cast<std::size_t>(rows_at_a_time_ * a_row)]);
  if (sums_ != nullptr && pixels_ != nullptr) return {};
  return fail(ErrorCode::over_budget,
              fmt::format("[run] no memory for {} values of tiles that are blended", sums));
}

BlendSink::Sum* BlendSink::row_of(std::int64_t band, std::int64_t y) {
  const std::int64_t line = band * held_rows_.size() + (y - held_rows_.begin);
  return sums_.get() + line * image_.info().size.width;
}

void BlendSink::add_row(const float* tile_row, std::size_t column, double share, Sum* row) const {
  const Range out = columns_[column].output;
  const std::int64_t end = std::min(out.end, image_.info().size.width);
  for (std::int64_t x = out.begin; x < end; ++x) {
    const auto at = static_cast<std::size_t>(x - out.begin);
    const float value = tile_row[at];
    Sum& sum = row[x];
    sum.blend += share * column_shares_[column][at] * static_cast<double>(value);
    sum.least = std::min(sum.least, value);
    sum.most = std::max(sum.most, value);
  }
}

void BlendSink::add(std::size_t row_of_tiles, std::span<const float> pixels) {
  const Range out = rows_[row_of_tiles].output;
  const std::int64_t end = std::min(out.end, image_.info().size.height);
  for (std::int64_t band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = out.begin; y < end; ++y) {
      const auto at = static_cast<std::size_t>(y - out.begin);
      const float* next = pixels.data() + (band * out.size() + (y - out.begin)) * info_.size.width;
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        add_row(next, column, row_shares_[row_of_tiles][at], row_of(band, y));
        next += columns_[column].output.size();
      }
    }
  }
}

Status BlendSink::write(Range rows, std::span<const float> pixels) {
  const auto index = static_cast<std::size_t>(rows.begin / tile_rows(rows_[0]));
  assert(rows.size() == tile_rows(rows_[0]) && index < rows_.size());
  if (index == 0) move_up({0, 0});
  add(index, pixels);
  const bool last = index + 1 == rows_.size();
  const std::int64_t done = last ? image_.info().size.height : rows_[index + 1].output.begin;
  for (std::int64_t y = held_rows_.begin; y < done; y += rows_at_a_time_) {
    if (auto status = pass_on({y, std::min(y + rows_at_a_time_, done)}); !status) return status;
  }
  if (!last) move_up({done, held_rows_.end});
  return {};
}

Status BlendSink::pass_on(Range rows) {
  const std::int64_t width = image_.info().size.width;
  float* next = pixels_.get();
  for (std::int64_t band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      measure(band, y);
      const Sum* row = row_of(band, y);
      for (std::int64_t x = 0; x < width; ++x) *next++ = static_cast<float>(row[x].blend);
    }
  }
  const auto count = static_cast<std::size_t>(rows.size() * width * info_.bands);
  return image_.write(rows, values_.to_pixels({pixels_.get(), count}));
}

void BlendSink::measure(std::int64_t band, std::int64_t y) {
  BandDisagreement& total = bands_[static_cast<std::size_t>(band)];
  const bool shared_row = shared_rows_[static_cast<std::size_t>(y)] != 0;
  const Sum* row = row_of(band, y);
  for (std::size_t x = 0; x < shared_columns_.size(); ++x) {
    const bool finite = std::isfinite(row[x].blend);
    if (finite) {
      total.least = std::min(total.least, row[x].least);
      total.most = std::max(total.most, row[x].most);
    }
    if (!shared_row && shared_columns_[x] == 0) continue;
    ++total.values;
    if (!finite) {
      ++total.not_finite;
      continue;
    }
    const double apart = static_cast<double>(row[x].most) - static_cast<double>(row[x].least);
    total.squares += apart * apart;
    total.max = std::max(total.max, apart);
  }
}

// Keeps those rows of those held and makes room below them. -0 is what adds to every value without
// changing a bit.
void BlendSink::move_up(Range kept) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::int64_t width = image_.info().size.width;
  const std::int64_t height = held_rows_.size();
  for (std::int64_t band = 0; band < info_.bands; ++band) {
    Sum* to = sums_.get() + band * height * width;
    const Sum* from = to + (kept.begin - held_rows_.begin) * width;
    Sum* end = std::copy(from, from + kept.size() * width, to);
    std::fill(end, to + height * width, Sum{-0.0, kInfinity, -kInfinity});
  }
  held_rows_ = {kept.begin, kept.begin + height};
}

Disagreement BlendSink::disagreement() const {
  Disagreement all;
  double squares = 0;
  for (const BandDisagreement& band : bands_) {
    const double range = static_cast<double>(band.most) - static_cast<double>(band.least);
    all.values += band.values;
    squares += static_cast<double>(band.not_finite);
    if (band.not_finite > 0) all.max = 1;
    if (!(range > 0)) continue;  // one value everywhere, or none that is finite
    squares += band.squares / (range * range);
    all.max = std::max(all.max, band.max / range);
  }
  if (all.values > 0) all.rms = std::sqrt(squares / static_cast<double>(all.values));
  return all;
}

}  // namespace sectile::internal
