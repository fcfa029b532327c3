// The image that a command was given: a file, or noise of a given size.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/masks.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/window.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/plan.h"
#include "sectile/result.h"

namespace sectile::cli {

// Noise, uniform in [0, 1), type f32. Each value follows from its place alone, so that an image of
// any size costs no memory and is always the same. Plans count it as a file in blocks of 256x256.
class NoiseSource final : public ImageSource {
 public:
  NoiseSource(Size size, int bands);
  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override;

 private:
  float value(std::uint64_t index) const;

  ImageInfo info_;
};

// What is read of the files that a command names, of each in turn; of a file that nothing is said
// of, all bands of its first page. What of that is data, the files say, and a mask.
struct ReadArgument {
  std::vector<std::vector<int>> bands = {};
  std::vector<int> pages = {};  // or kAllPages: `run` reads one after the other
  MaskArgument mask = {};
};

// --bands and --page, and those of the mask.
void add_read_options(CLI::App& command, ReadArgument& argument);

// What most commands begin with: a program and an image.
struct OpenedInput {
  Model model;
  std::unique_ptr<ImageSource> source;
};

// Opens the image, or makes noise with as many bands as the method takes channels.
// Errors: those of open_image; not_found (no such method); invalid_argument (bands, pages or a mask
// of noise).
Result<OpenedInput> open_input(const Model& model, const ImageArgument& image,
                               const std::string& method, const ReadArgument& read = {});

// Files of the method's inputs, as one image. Says of a file of several images which one is read,
// unless `quiet`.
// Errors: those of open_image and join_inputs; invalid_argument (more bands or pages
// than files).
Result<OpenedInput> open_inputs(const Model& model, const std::vector<std::string>& paths,
                                const std::string& method, const ReadArgument& read = {},
                                bool quiet = false);

// The same, and the plan to run one over the other.
struct PlannedInput {
  Model model;
  std::unique_ptr<ImageSource> source;
  Plan plan;
};

// Errors: those of open_input, with_window and make_plan.
Result<PlannedInput> plan_input(const Model& model, const ImageArgument& image,
                                const PlanOptions& options, const WindowArgument& window = {},
                                const ReadArgument& read = {});

}  // namespace sectile::cli
