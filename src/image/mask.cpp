#include "sectile/mask.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "src/base/catch_exceptions.h"
#include "src/image/pixel_convert.h"

namespace sectile {

using namespace internal;

namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// The range that holds the pixel.
std::size_t range_at(const std::vector<std::uint32_t>& ends, std::int64_t x) {
  return index(std::ranges::upper_bound(ends, x) - ends.begin());
}

}  // namespace

void Mask::read_row(std::int64_t y, Range columns, std::span<std::uint8_t> out) const {
  assert(out.size() == index(columns.size()));
  const Row& from = row(y);
  if (from.ends.empty()) {
    std::ranges::copy(std::span(from.values).subspan(index(columns.begin), out.size()),
                      out.begin());
    return;
  }
  std::size_t range = range_at(from.ends, columns.begin);
  for (std::int64_t x = columns.begin; x < columns.end; ++range) {
    const std::int64_t end = std::min<std::int64_t>(from.ends[range], columns.end);
    std::ranges::fill(out.subspan(index(x - columns.begin), index(end - x)), from.values[range]);
    x = end;
  }
}

bool Mask::any_data_in(const Rect& rect) const {
  const auto has_data = [&](const Row& of) {
    if (rect.x.empty()) return false;
    std::size_t first = index(rect.x.begin);
    std::size_t last = index(rect.x.end - 1);
    if (!of.ends.empty()) {
      first = range_at(of.ends, rect.x.begin);
      last = range_at(of.ends, rect.x.end - 1);
    }
    const auto values = std::span(of.values).subspan(first, last - first + 1);
    return std::ranges::any_of(values, [](std::uint8_t value) { return value != 0; });
  };
  for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
    const bool is_seen = y > rect.y.begin && row_of_[index(y)] == row_of_[index(y - 1)];
    if (!is_seen && has_data(row(y))) return true;
  }
  return false;
}

Mask Mask::picked(std::span<const std::int64_t> rows, std::span<const std::int64_t> columns) const {
  MaskBuilder builder(std::ssize(columns));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    const bool is_as_above = y > 0 && row_of_[index(rows[y])] == row_of_[index(rows[y - 1])];
    if (is_as_above) {
      builder.add(builder.mask_.rows_.back());
      continue;
    }
    const Row& from = row(rows[y]);
    Row picked;
    if (from.ends.empty()) {
      for (const std::int64_t x : columns) picked.values.push_back(from.values[index(x)]);
    }
    for (std::size_t i = 0; i < from.ends.size(); ++i) {
      const auto end = std::ranges::lower_bound(columns, from.ends[i]) - columns.begin();
      if (end == (picked.ends.empty() ? 0 : picked.ends.back())) continue;
      picked.ends.push_back(static_cast<std::uint32_t>(end));
      picked.values.push_back(from.values[i]);
    }
    builder.add(std::move(picked));
  }
  return builder.finish();
}

bool operator==(const Mask& a, const Mask& b) {
  if (a.size() != b.size()) return false;
  for (std::int64_t y = 0; y < a.size().height; ++y) {
    if (!(a.row(y) == b.row(y))) return false;
  }
  return true;
}

bool same_mask(const ImageInfo& a, const ImageInfo& b) {
  return a.mask == b.mask || (a.mask && b.mask && *a.mask == *b.mask);
}

void MaskBuilder::add_row(std::span<const std::uint8_t> values) {
  assert(std::ssize(values) == mask_.width_);
  Mask::Row row;
  for (std::size_t x = 0; x < values.size(); ++x) {
    if (x > 0 && values[x] == values[x - 1]) {
      ++row.ends.back();
      continue;
    }
    row.ends.push_back(static_cast<std::uint32_t>(x + 1));
    row.values.push_back(values[x]);
  }
  if (row.ends.size() * (sizeof(std::uint32_t) + 1) > values.size()) {
    row.ends.clear();
    row.values.assign(values.begin(), values.end());
  }
  add(std::move(row));
}

void MaskBuilder::add(Mask::Row row) {
  const std::int64_t y = mask_.size().height;
  Range columns;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (row.values[i] == 0) continue;
    const auto at = static_cast<std::int64_t>(i);
    Range range{at, at + 1};
    if (!row.ends.empty()) range = {i == 0 ? 0 : row.ends[i - 1], row.ends[i]};
    columns = columns.unite(range);
    mask_.data_pixels_ += range.size();
  }
  if (!columns.empty()) {
    mask_.data_window_.x = mask_.data_window_.x.unite(columns);
    mask_.data_window_.y = mask_.data_window_.y.unite({y, y + 1});
  }
  mask_.held_bytes_ += sizeof(std::uint32_t);
  if (mask_.rows_.empty() || !(row == mask_.rows_.back())) {
    row.ends.shrink_to_fit();
    row.values.shrink_to_fit();
    mask_.held_bytes_ += static_cast<std::int64_t>(
        sizeof(Mask::Row) + row.ends.size() * sizeof(std::uint32_t) + row.values.size());
    mask_.rows_.push_back(std::move(row));
  }
  mask_.row_of_.push_back(static_cast<std::uint32_t>(mask_.rows_.size() - 1));
}

Mask both(const Mask& a, const Mask& b) {
  assert(a.size() == b.size());
  const Range columns{0, a.size().width};
  std::vector<std::uint8_t> of_a(index(columns.size()));
  std::vector<std::uint8_t> of_b(of_a.size());
  MaskBuilder builder(columns.size());
  for (std::int64_t y = 0; y < a.size().height; ++y) {
    a.read_row(y, columns, of_a);
    b.read_row(y, columns, of_b);
    std::ranges::transform(of_a, of_b, of_a.begin(),
                           [](std::uint8_t x, std::uint8_t z) { return std::min(x, z); });
    builder.add_row(of_a);
  }
  return builder.finish();
}

namespace {

// A row of blocks, as far as its rows are few: a byte a pixel, and of floating-point images all
// that they hold.
Range rows_from(std::int64_t y, const ImageInfo& image) {
  constexpr std::int64_t kMostBytes = std::int64_t{2} << 20;
  const std::int64_t pixel_bytes =
      is_floating(image.pixel_type) ? image.bands * std::int64_t{sizeof(float)} + 1 : 1;
  const std::int64_t most = kMostBytes / std::max<std::int64_t>(1, image.size.width * pixel_bytes);
  const std::int64_t block = std::max<std::int64_t>(1, image.block.height);
  const std::int64_t rows = std::clamp<std::int64_t>(block, 1, std::max<std::int64_t>(1, most));
  return {y, std::min({y + rows, (y / block + 1) * block, image.size.height})};
}

Result<Mask> read_rows(ImageSource& source, const std::atomic<bool>* stop) {
  const ImageInfo& image = source.info();
  const Size size = image.size;
  MaskBuilder builder(size.width);
  std::vector<std::uint8_t> values;
  for (Range rows; rows.end < size.height;) {
    rows = rows_from(rows.end, image);
    const Rect rect{rows, {0, size.width}};
    values.resize(index(rect.area()));
    if (stop != nullptr && stop->load()) {
      return fail(ErrorCode::cancelled, "[mask] stopped before the run; no output was written");
    }
    if (auto status = source.read_mask(rect, values); !status) return fail(status.error());
    for (std::int64_t y = 0; y < rows.size(); ++y) {
      builder.add_row(std::span(values).subspan(index(y * size.width), index(size.width)));
    }
  }
  return builder.finish();
}

class MaskedSource final : public ImageSource {
 public:
  MaskedSource(std::unique_ptr<ImageSource> source, std::shared_ptr<const Mask> mask, MaskKind kind)
      : source_(std::move(source)), info_(source_->info()) {
    info_.mask = std::move(mask);
    if (info_.mask_kind == MaskKind::none) info_.mask_kind = kind;
  }
  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override { return source_->read(rect, out); }
  Status read_mask(const Rect& rect, std::span<std::uint8_t> out) override {
    return source_->read_mask(rect, out);
  }

 private:
  std::unique_ptr<ImageSource> source_;
  ImageInfo info_;
};

}  // namespace

// NaN is the one thing that is not data and that no file needs to say.
Status ImageSource::read_mask(const Rect& rect, std::span<std::uint8_t> out) {
  std::ranges::fill(out, Mask::kData);
  if (!is_floating(info().pixel_type)) return {};
  std::vector<float> pixels(out.size() * index(info().bands));
  if (auto status = read(rect, pixels); !status) return status;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (std::isnan(pixels[i])) out[i % out.size()] = 0;
  }
  return {};
}

Result<std::shared_ptr<const Mask>> read_mask(ImageSource& source, const std::atomic<bool>* stop) {
  return catch_exceptions("[mask]", [&]() -> Result<std::shared_ptr<const Mask>> {
    const ImageInfo& image = source.info();
    if (image.mask_kind == MaskKind::none && !is_floating(image.pixel_type)) return nullptr;
    auto mask = read_rows(source, stop);
    if (!mask) return fail(mask.error());
    if (image.mask_kind == MaskKind::none && mask->data_pixels() == image.size.area()) {
      return nullptr;
    }
    return std::make_shared<const Mask>(std::move(*mask));
  });
}

Result<std::unique_ptr<ImageSource>> with_mask(std::unique_ptr<ImageSource> source,
                                               std::shared_ptr<const Mask> mask, MaskKind kind) {
  const Size size = source->info().size;
  if (mask->size() != size) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[mask] a mask of {} does not fit an image of {}",
                            to_string(mask->size()), to_string(size)));
  }
  return std::make_unique<MaskedSource>(std::move(source), std::move(mask), kind);
}

}  // namespace sectile
