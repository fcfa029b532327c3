#include "src/plan/output_kind.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "src/base/count_text.h"
#include "src/image/moved_image.h"

namespace sectile::internal {

namespace {

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, "[plan] " + std::move(what));
}

// The largest number marks pixels that are no data.
std::int64_t classes_in(PixelType type, const ImageInfo& image) {
  return static_cast<std::int64_t>(maximum_of(type)) + (image.mask ? 0 : 1);
}

Status check_type(const PlanOptions& options, const ImageInfo& image, std::int64_t bands) {
  const bool is_map = options.output == OutputKind::argmax;
  const PixelType type = output_type(options, image, static_cast<int>(bands));
  if (options.threshold && type != PixelType::u8) {
    return refuse(
        fmt::format("a threshold makes u8 pixels and not {}: leave out the output type {}",
                    to_string(type), to_string(type)));
  }
  if (!is_map) return {};
  if (type != PixelType::u8 && type != PixelType::u16) {
    return refuse(
        fmt::format("a class map has u8 or u16 pixels and not {}: give another output "
                    "type, or none",
                    to_string(type)));
  }
  if (bands <= classes_in(type, image)) return {};
  const char* advice =
      type == PixelType::u8 ? "take u16, or leave the output type out" : "no type holds more";
  return refuse(fmt::format("the network has {} classes and {} pixels hold {}{}: {}", bands,
                            to_string(type), classes_in(type, image),
                            image.mask ? " beside the one for no data" : "", advice));
}

Status check_classes(const PlanOptions& options, std::int64_t bands) {
  const auto classes = static_cast<std::int64_t>(options.classes.size());
  if (classes == 0 || classes == bands) return {};
  return refuse(fmt::format("{} named and the network's output has {}: name one for each band",
                            classes == 1 ? "1 class was" : fmt::format("{} classes were", classes),
                            count_text(bands, "band")));
}

}  // namespace

bool makes_labels(const PlanOptions& options) {
  return options.output == OutputKind::argmax || options.threshold;
}

int output_bands(OutputKind kind, int network_bands) {
  return kind == OutputKind::argmax ? 1 : network_bands;
}

PixelType output_type(const PlanOptions& options, const ImageInfo& image, int network_bands) {
  if (options.output_type) return *options.output_type;
  if (options.threshold) return PixelType::u8;
  if (options.output != OutputKind::argmax) return image.pixel_type;
  return network_bands <= classes_in(PixelType::u8, image) ? PixelType::u8 : PixelType::u16;
}

// Where the output is another quantity, the value that marks "no data" in the input may be a class
// or a share.
void describe_bands(const PlanOptions& options, ImageInfo& output) {
  output.labels = makes_labels(options);
  auto& bands = output.metadata.bands;
  if (output.labels || options.output != OutputKind::values) {
    forget_bands(output.metadata, output.bands);
    bands.assign(static_cast<std::size_t>(output.bands), {});
    output.geo.nodata.reset();
  }
  if (output.labels) output.bits = 0;
  // A colour table is for one band alone.
  if (output.labels && output.mask_kind == MaskKind::alpha) output.mask_kind = MaskKind::nodata;
  if (options.classes.empty()) return;
  bands.resize(static_cast<std::size_t>(output.bands));
  if (options.output == OutputKind::argmax) {
    bands[0].classes = options.classes;
    return;
  }
  for (std::size_t i = 0; i < bands.size() && i < options.classes.size(); ++i) {
    bands[i].description = options.classes[i].name;
  }
}

Status check_output_options(const PlanOptions& options) {
  if (options.output < OutputKind::values || options.output > OutputKind::sigmoid) {
    return refuse(fmt::format("there is no kind {} of output", static_cast<int>(options.output)));
  }
  if (!options.threshold) return {};
  if (options.output == OutputKind::argmax) {
    return refuse(
        "a class map has no threshold: take softmax, sigmoid or the values, or leave it "
        "out");
  }
  if (std::abs(*options.threshold) <= std::numeric_limits<float>::max()) return {};
  return refuse(fmt::format("a threshold of {} is no number that f32 holds", *options.threshold));
}

Status check_output(const PlanOptions& options, const MethodInfo& info, const ImageInfo& image) {
  const bool compares_bands =
      options.output == OutputKind::argmax || options.output == OutputKind::softmax;
  if (compares_bands && info.output_channels.size() > 1) {
    return refuse(
        fmt::format("{} compares the bands of one output and the network has {} outputs: "
                    "take the values and compare those that belong together",
                    to_string(options.output), info.output_channels.size()));
  }
  if (auto status = check_type(options, image, info.output.channels); !status) return status;
  return check_classes(options, info.output.channels);
}

}  // namespace sectile::internal
