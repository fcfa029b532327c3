// Several images as one, band after band.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sectile/image.h"

namespace sectile {

namespace {

// Bands, and what reading or writing holds, of all together; the rest is the first one's.
template <typename Images>
ImageInfo joined_info(const Images& images) {
  ImageInfo info = images[0]->info();
  for (std::size_t i = 1; i < images.size(); ++i) {
    info.bands += images[i]->info().bands;
    info.held_bytes += images[i]->info().held_bytes;
  }
  return info;
}

// Calls visit(image, its part of `pixels`) until one fails.
template <typename Images, typename Value, typename Visit>
Status for_each_part(Images& images, std::span<Value> pixels, std::int64_t area, Visit visit) {
  for (auto& image : images) {
    const auto count = static_cast<std::size_t>(area * image->info().bands);
    if (auto status = visit(*image, pixels.first(count)); !status) return status;
    pixels = pixels.subspan(count);
  }
  return {};
}

class JoinedSource final : public ImageSource {
 public:
  explicit JoinedSource(std::vector<std::unique_ptr<ImageSource>> images)
      : images_(std::move(images)), info_(joined_info(images_)) {}
  const ImageInfo& info() const override { return info_; }

  Status read(const Rect& rect, std::span<float> out) override {
    return for_each_part(images_, out, rect.area(), [&](ImageSource& image, std::span<float> part) {
      return image.read(rect, part);
    });
  }

 private:
  std::vector<std::unique_ptr<ImageSource>> images_;
  ImageInfo info_;
};

class JoinedSink final : public ImageSink {
 public:
  explicit JoinedSink(std::vector<std::unique_ptr<ImageSink>> images)
      : images_(std::move(images)), info_(joined_info(images_)) {}
  const ImageInfo& info() const override { return info_; }

  Status write(Range rows, std::span<const float> pixels) override {
    return for_each_part(
        images_, pixels, rows.size() * info_.size.width,
        [&](ImageSink& image, std::span<const float> part) { return image.write(rows, part); });
  }

  Status finish() override {
    for (auto& image : images_) {
      if (auto status = image->finish(); !status) return status;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<ImageSink>> images_;
  ImageInfo info_;
};

}  // namespace

Result<std::unique_ptr<ImageSource>> join_images(std::vector<std::unique_ptr<ImageSource>> images) {
  const ImageInfo& first = images[0]->info();
  for (const auto& image : images) {
    const ImageInfo& info = image->info();
    if (info.size == first.size && info.pixel_type == first.pixel_type) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("[join] images of {} ({}) and {} ({}) cannot be joined: convert one",
                            to_string(first.size), to_string(first.pixel_type),
                            to_string(info.size), to_string(info.pixel_type)));
  }
  if (images.size() == 1) return std::move(images[0]);
  return std::make_unique<JoinedSource>(std::move(images));
}

std::unique_ptr<ImageSink> join_images(std::vector<std::unique_ptr<ImageSink>> images) {
  if (images.size() == 1) return std::move(images[0]);
  return std::make_unique<JoinedSink>(std::move(images));
}

}  // namespace sectile
