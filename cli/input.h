// The image that a command was given: a file, or noise of a given size.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "cli/parse.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/result.h"

namespace sectile::cli {

// Noise, uniform in [0, 1), type f32. Each value follows from its place alone, so that an image of
// any size costs no memory and is always the same.
class NoiseSource final : public ImageSource {
 public:
  NoiseSource(Size size, int bands);
  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override;

 private:
  float value(std::uint64_t index) const;

  ImageInfo info_;
};

// Opens the file, or makes noise with as many bands as the method takes channels (`method` empty:
// the model's default method).
// Errors: those of open_image; not_found (method).
Result<std::unique_ptr<ImageSource>> open_input(const ImageArgument& image, const Model& model,
                                                const std::string& method);

}  // namespace sectile::cli
