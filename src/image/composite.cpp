// Several images as one, band after band.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sectile/image.h"
#include "sectile/mask.h"
#include "src/base/catch_exceptions.h"
#include "src/image/check_access.h"
#include "src/image/moved_image.h"

namespace sectile {

using namespace internal;

namespace {

using Sources = std::vector<std::unique_ptr<ImageSource>>;
using Sinks = std::vector<std::unique_ptr<ImageSink>>;
constexpr Size kSame{1, 1};

Size scaled(Size size, Size by) { return {size.height * by.height, size.width * by.width}; }
Range scaled(Range range, std::int64_t by) { return {range.begin * by, range.end * by}; }

// "u8", "u16 of 12 bits"
std::string pixels_text(const ImageInfo& info) {
  const char* type = to_string(info.pixel_type);
  return info.bits == 0 ? type : fmt::format("{} of {} bits", type, info.bits);
}

// One of the images that are joined: `scale` rows and columns of it lie over one pixel of all.
struct SourcePart {
  std::unique_ptr<ImageSource> image;
  Size scale;
  std::vector<float> pixels;  // rows read last, where they have to be taken apart

  std::int64_t bands() const { return image->info().bands * scale.area(); }
  // Rows of the joined image that are taken apart at a time, `width` pixels of it wide: few enough
  // to hold, and never in two rows of the image's own blocks if those allow it.
  Range rows_from(std::int64_t y, std::int64_t width) const;
};

Range SourcePart::rows_from(std::int64_t y, std::int64_t width) const {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 20;
  const std::int64_t row_bytes = width * bands() * std::int64_t{sizeof(float)};
  const std::int64_t end = y + std::max<std::int64_t>(1, kMostBytes / row_bytes);
  const std::int64_t block = image->info().block.height / scale.height;
  return {y, block < 1 ? end : std::min(end, (y / block + 1) * block)};
}

// Row `y` of `rect`, which the part's pixels hold with `rows` of the joined image.
void take_apart(const SourcePart& part, std::int64_t y, Range rows, const Rect& rect,
                std::span<float> out) {
  const auto [r, s] = part.scale;
  const std::int64_t width = rect.x.size();
  const auto at = [](std::int64_t i) { return static_cast<std::ptrdiff_t>(i); };
  for (std::int64_t band = 0; band < part.bands(); ++band) {
    const std::int64_t dx = band % s;
    const std::int64_t dy = band / s % r;
    const std::int64_t channel = band / (r * s);
    const std::int64_t row = (channel * rows.size() + y - rows.begin) * r + dy;
    auto from = part.pixels.begin() + at(row * width * s + dx);
    auto to = out.begin() + at((band * rect.y.size() + y - rect.y.begin) * width);
    for (std::int64_t x = 0; x < width; ++x) to[at(x)] = from[at(x * s)];
  }
}

Status read_part(SourcePart& part, const Rect& rect, std::span<float> out) {
  if (part.scale == kSame) return part.image->read(rect, out);
  Range rows{rect.y.begin, rect.y.begin};
  while (rows.end < rect.y.end) {
    rows = part.rows_from(rows.end, rect.x.size()).intersect(rect.y);
    part.pixels.resize(static_cast<std::size_t>(rows.size() * rect.x.size() * part.bands()));
    const Rect block{scaled(rows, part.scale.height), scaled(rect.x, part.scale.width)};
    if (auto status = part.image->read(block, part.pixels); !status) return status;
    for (std::int64_t y = rows.begin; y < rows.end; ++y) take_apart(part, y, rows, rect, out);
  }
  return {};
}

// An image that is taken apart has no bands of its own any more.
void add_band_infos(std::vector<BandInfo>& all, const SourcePart& part) {
  const std::vector<BandInfo>& own = part.image->info().metadata.bands;
  const auto end = all.size() + static_cast<std::size_t>(part.bands());
  if (part.scale == kSame) all.insert(all.end(), own.begin(), own.end());
  all.resize(end);
}

class CompositeSource final : public ImageSource {
 public:
  // REQUIRES: the images fit.
  CompositeSource(Sources images, const std::vector<Size>& scales);
  const ImageInfo& info() const override { return info_; }

  Status read(const Rect& rect, std::span<float> out) override {
    if (auto status = check_read(info_, rect, out.size()); !status) return status;
    for (SourcePart& part : parts_) {
      const auto count = static_cast<std::size_t>(rect.area() * part.bands());
      if (auto status = read_part(part, rect, out.first(count)); !status) return status;
      out = out.subspan(count);
    }
    return {};
  }

  // What is data in all of them.
  Status read_mask(const Rect& rect, std::span<std::uint8_t> out) override;

 private:
  void add(SourcePart part);

  std::vector<SourcePart> parts_;
  ImageInfo info_;
};

CompositeSource::CompositeSource(Sources images, const std::vector<Size>& scales)
    : info_(images[0]->info()) {
  const auto [r, s] = scales[0];
  info_.size = {info_.size.height / r, info_.size.width / s};
  info_.bands = 0;
  info_.held_bytes = 0;
  if (info_.block.height > 0) {
    info_.block = {std::max<std::int64_t>(1, info_.block.height / r),
                   std::max<std::int64_t>(1, info_.block.width / s)};
  }
  const auto rows = static_cast<double>(r);
  const auto columns = static_cast<double>(s);
  info_.geo = with_pixels_of(std::move(info_.geo), rows, columns);
  info_.metadata = with_pixels_of(std::move(info_.metadata), rows, columns);
  info_.metadata.bands.clear();
  for (std::size_t i = 0; i < images.size(); ++i) add({std::move(images[i]), scales[i], {}});
}

void CompositeSource::add(SourcePart part) {
  add_band_infos(info_.metadata.bands, part);
  info_.bands += static_cast<int>(part.bands());
  info_.held_bytes += part.image->info().held_bytes;
  if (info_.mask_kind == MaskKind::none) info_.mask_kind = part.image->info().mask_kind;
  if (part.scale != kSame) {
    const std::int64_t width = info_.size.width;
    const std::int64_t rows = std::min(part.rows_from(0, width).size(), info_.size.height);
    info_.held_bytes += rows * width * part.bands() * std::int64_t{sizeof(float)};
  }
  parts_.push_back(std::move(part));
}

Status CompositeSource::read_mask(const Rect& rect, std::span<std::uint8_t> out) {
  std::ranges::fill(out, Mask::kData);
  for (SourcePart& part : parts_) {
    const auto [r, s] = part.scale;
    const Rect own{scaled(rect.y, r), scaled(rect.x, s)};
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(own.area()));
    if (auto status = part.image->read_mask(own, mask); !status) return status;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      const std::int64_t y = at / own.x.size() / r;
      const std::int64_t x = at % own.x.size() / s;
      std::uint8_t& joined = out[static_cast<std::size_t>(y * rect.x.size() + x)];
      joined = std::min(joined, mask[i]);
    }
  }
  return {};
}

// Errors: the first image that does not fit the first of all.
Status check_fit(const Sources& images, const std::vector<Size>& scales) {
  const ImageInfo& first = images[0]->info();
  const Size joined{first.size.height / scales[0].height, first.size.width / scales[0].width};
  if (scaled(joined, scales[0]) != first.size) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] input 1 has {} pixels and must have a multiple of {}",
                            to_string(first.size), to_string(scales[0])));
  }
  for (std::size_t i = 1; i < images.size(); ++i) {
    const ImageInfo& info = images[i]->info();
    const Size wanted = scaled(joined, scales[i]);
    if (info.size != wanted) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("[join] input {} has {} pixels and must have {}: {} where input 1, of "
                      "{}, has {}",
                      i + 1, to_string(info.size), to_string(wanted), to_string(scales[i]),
                      to_string(first.size), to_string(scales[0])));
    }
    if (info.pixel_type != first.pixel_type || info.bits != first.bits) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("[join] input {} has {} pixels and input 1 has {}: convert one",
                              i + 1, pixels_text(info), pixels_text(first)));
    }
  }
  return {};
}

// Bands, and what writing holds, of all together; the rest is the first one's.
ImageInfo joined_info(const Sinks& images) {
  ImageInfo info = images[0]->info();
  for (std::size_t i = 1; i < images.size(); ++i) {
    const ImageInfo& next = images[i]->info();
    info.bands += next.bands;
    info.metadata.bands.insert(info.metadata.bands.end(), next.metadata.bands.begin(),
                               next.metadata.bands.end());
    info.held_bytes += next.held_bytes;
  }
  return info;
}

class CompositeSink final : public ImageSink {
 public:
  explicit CompositeSink(Sinks images) : images_(std::move(images)), info_(joined_info(images_)) {}
  const ImageInfo& info() const override { return info_; }

  Status write(Range rows, std::span<const float> pixels) override {
    if (auto status = check_write(info_, rows.begin, rows, pixels.size()); !status) return status;
    for (auto& image : images_) {
      const auto count =
          static_cast<std::size_t>(rows.size() * info_.size.width * image->info().bands);
      if (auto status = image->write(rows, pixels.first(count)); !status) return status;
      pixels = pixels.subspan(count);
    }
    return {};
  }

  Status complete() override {
    for (auto& image : images_) {
      if (auto status = image->complete(); !status) return status;
    }
    completed_ = true;
    return {};
  }

  // An output that fails leaves none of the others in place.
  Status finish() override {
    if (!completed_) {
      if (auto status = complete(); !status) return status;
    }
    for (auto& image : images_) {
      if (auto status = image->finish(); !status) return status;
    }
    return {};
  }

 private:
  Sinks images_;
  ImageInfo info_;
  bool completed_ = false;
};

template <typename Image>
Status check_present(const std::vector<std::unique_ptr<Image>>& images) {
  if (images.empty()) return fail(ErrorCode::invalid_argument, "[join] there is no image to join");
  const auto missing =
      std::ranges::find_if(images, [](const auto& image) { return image == nullptr; });
  if (missing == images.end()) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("[join] image {} is missing", missing - images.begin() + 1));
}

Status check_scales(const std::vector<Size>& scales, std::size_t images) {
  if (scales.size() != images) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] {} scales were given for {} images", scales.size(), images));
  }
  const auto below_one = [](Size scale) { return scale.height < 1 || scale.width < 1; };
  if (std::ranges::none_of(scales, below_one)) return {};
  return fail(ErrorCode::invalid_argument, "[join] a scale must be at least 1x1");
}

// Rows of all of them are written together.
Status check_fit(const Sinks& images) {
  const ImageInfo& first = images[0]->info();
  for (std::size_t i = 1; i < images.size(); ++i) {
    const ImageInfo& info = images[i]->info();
    if (info.size == first.size && info.pixel_type == first.pixel_type && info.bits == first.bits) {
      continue;
    }
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] output {} has {} pixels of {} and output 1 has {} of {}", i + 1,
                            to_string(info.size), pixels_text(info), to_string(first.size),
                            pixels_text(first)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ImageSource>> join_images(Sources images, std::vector<Size> scales) {
  return catch_exceptions("[join]", [&]() -> Result<std::unique_ptr<ImageSource>> {
    if (auto status = check_present(images); !status) return fail(status.error());
    if (scales.empty()) scales.resize(images.size(), kSame);
    if (auto status = check_scales(scales, images.size()); !status) return fail(status.error());
    if (auto status = check_fit(images, scales); !status) return fail(status.error());
    if (images.size() == 1 && scales[0] == kSame) return std::move(images[0]);
    return std::make_unique<CompositeSource>(std::move(images), scales);
  });
}

Result<std::unique_ptr<ImageSink>> join_images(Sinks images) {
  return catch_exceptions("[join]", [&]() -> Result<std::unique_ptr<ImageSink>> {
    if (auto status = check_present(images); !status) return fail(status.error());
    if (auto status = check_fit(images); !status) return fail(status.error());
    if (images.size() == 1) return std::move(images[0]);
    return std::make_unique<CompositeSink>(std::move(images));
  });
}

}  // namespace sectile
