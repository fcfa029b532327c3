// Windows of an output, and sources that are watched while one is made.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "sectile/sectile.h"
#include "tests/api/images.h"

namespace sectile::internal {

// Tells which pixels were read, and how.
class WatchedSource final : public ImageSource {
 public:
  explicit WatchedSource(ImageSource& inner) : inner_(inner) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status read(const Rect& rect, std::span<float> out) override {
    in_order_ = in_order_ && (read_.empty() || (rect.y.begin == read_.y.end && rect.x == read_.x));
    read_ = {read_.y.unite(rect.y), read_.x.unite(rect.x)};
    return inner_.read(rect, out);
  }
  // The smallest rectangle that holds all of them.
  Rect pixels_read() const { return read_; }
  bool each_row_once_in_order() const { return in_order_; }

 private:
  ImageSource& inner_;
  Rect read_;
  bool in_order_ = true;
};

// A size at which a window in the middle needs less than all of the image; of any phase.
inline Size image_beyond_reach(const Model& model, std::mt19937& random) {
  const MethodInfo& method = model.methods()[0];
  const auto length = [&](std::int64_t reach, std::int64_t grid) {
    const std::int64_t least = reach + 4 * grid + 12;
    return std::uniform_int_distribution(least, least + 2 * grid + 9)(random);
  };
  return {length(method.reach.top + method.reach.bottom, method.align.y),
          length(method.reach.left + method.reach.right, method.align.x)};
}

// At the begin, at the end, or anywhere; of one row, a few, or any number.
inline Range random_range(std::int64_t length, std::mt19937& random) {
  const auto number = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution(least, most)(random);
  };
  const std::int64_t few = std::min<std::int64_t>(length, 5);
  const std::int64_t kinds[] = {1, number(1, few), number(1, length)};
  const std::int64_t size = kinds[number(0, 2)];
  const std::int64_t begins[] = {0, length - size, number(0, length - size),
                                 number(0, length - size)};
  const std::int64_t begin = begins[number(0, 3)];
  return {begin, begin + size};
}

inline Rect random_window(Size output, std::mt19937& random) {
  return {random_range(output.height, random), random_range(output.width, random)};
}

// The window's pixels of an output, band after band.
inline std::vector<float> part_of(const std::vector<float>& whole, Size output, int bands,
                                  Rect window) {
  std::vector<float> part;
  for (std::int64_t band = 0; band < bands; ++band) {
    for (std::int64_t y = window.y.begin; y < window.y.end; ++y) {
      const auto row = whole.begin() + (band * output.height + y) * output.width;
      part.insert(part.end(), row + window.x.begin, row + window.x.end);
    }
  }
  return part;
}

// Whole-image runs over an image and over copies in which some pixels are changed.
class Perturbation {
 public:
  // One flag for each pixel of the image.
  using Pixels = std::vector<bool>;

  Perturbation(const Model& model, Size image)
      : model_(model), image_(model, image), plan_(plan_of(model, image_)), before_(run({}, 0)) {}

  Size image_size() const { return image_.info().size; }
  Size output_size() const { return plan_.output_size(); }

  Pixels inside(Rect rect) const {
    const Size size = image_size();
    Pixels pixels(static_cast<std::size_t>(size.area()), false);
    for (auto y = rect.y.begin; y < rect.y.end; ++y) {
      for (auto x = rect.x.begin; x < rect.x.end; ++x) {
        pixels[static_cast<std::size_t>(y * size.width + x)] = true;
      }
    }
    return pixels;
  }
  Pixels outside(Rect rect) const {
    Pixels pixels = inside(rect);
    pixels.flip();
    return pixels;
  }

  // Whether the window of the output is another when `change` is added to those pixels.
  bool are_seen_in(Rect window, const Pixels& changed, float change) const {
    const int bands = plan_.output_info().bands;
    return !same_bits(part_of(before_, output_size(), bands, window),
                      part_of(run(changed, change), output_size(), bands, window));
  }

 private:
  static Plan plan_of(const Model& model, const NoiseImage& image) {
    auto plan = make_plan(model, image.info(), whole_image());
    if (!plan) throw std::runtime_error(plan.error().message);  // gtest reports it
    return *plan;
  }

  std::vector<float> run(const Pixels& changed, float change) const {
    std::vector<float> pixels{image_.pixels().begin(), image_.pixels().end()};
    for (std::size_t i = 0; !changed.empty() && i < pixels.size(); ++i) {
      if (changed[i % changed.size()]) pixels[i] += change;
    }
    MemorySource source(image_.info(), pixels);
    return run_in_memory(model_, plan_, source);
  }

  const Model& model_;
  NoiseImage image_;
  Plan plan_;
  std::vector<float> before_;
};

}  // namespace sectile::internal
