#include "src/plan/output_image.h"

#include <algorithm>
#include <utility>

#include "src/image/held_memory.h"
#include "src/image/moved_image.h"
#include "src/plan/output_kind.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kSinkBlockSide = 256;

double per_output_px(Ratio scale) {
  return static_cast<double>(scale.den) / static_cast<double>(scale.num);
}

// Band k of the output shows what band k of the input does, where there are as many.
Metadata output_metadata(const ImageInfo& image, const ImageInfo& output, double rows,
                         double columns) {
  Metadata metadata = with_pixels_of(image.metadata, rows, columns);
  if (output.bands != image.bands) forget_bands(metadata, output.bands);
  if (output.pixel_type != image.pixel_type) forget_units(metadata);
  return metadata;
}

void take_from_image(ImageInfo& output, const ImageInfo& image, const PlanOptions& options,
                     Rect window, Scale scale) {
  output.bits = output.pixel_type == image.pixel_type ? image.bits : 0;
  const double rows = per_output_px(scale.y);
  const double columns = per_output_px(scale.x);
  output.geo =
      with_corner_at(with_pixels_of(image.geo, rows, columns), static_cast<double>(window.y.begin),
                     static_cast<double>(window.x.begin));
  output.metadata = output_metadata(image, output, rows, columns);
  output.mask_kind = image.mask ? image.mask_kind : MaskKind::none;
  describe_bands(options, output);
  if (output.mask_kind != MaskKind::nodata) output.geo.nodata.reset();
}

}  // namespace

ImageInfo output_for(const PlanData& plan, const ImageInfo& image) {
  ImageInfo output = plan.output_image;
  PlanOptions options;
  options.output = plan.output_kind;
  options.threshold = plan.threshold;
  options.classes = plan.classes;
  take_from_image(output, image, options, plan.written, plan.scale);
  return output;
}

std::int64_t cropped_length(std::int64_t extended_output, std::int64_t extended, std::int64_t image,
                            Ratio scale) {
  return std::max<std::int64_t>(1, extended_output - (extended - image) * scale.num / scale.den);
}

// A source that has no blocks is in memory, and then so is the sink.
ImageInfo output_image_of(const ImageInfo& image, const PlanTask& task, Rect window,
                          int network_bands, Scale scale) {
  ImageInfo output;
  output.size = window.size();
  output.bands = output_bands(task.output, network_bands);
  output.pixel_type = output_type(task, image, network_bands);
  take_from_image(output, image, task, window, scale);
  output.held_bytes = task.sink_bytes;
  if (output.held_bytes > 0 || image.block.height == 0) return output;
  ImageInfo file = output;
  if (output.mask_kind == MaskKind::alpha) ++file.bands;
  output.held_bytes =
      writing_bytes(file, {std::min(kSinkBlockSide, output.size.height), kSinkBlockSide});
  return output;
}

}  // namespace sectile::internal
