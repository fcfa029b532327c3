// The output image of a plan.
#pragma once

#include <cstdint>

#include "sectile/footprint.h"
#include "sectile/image.h"
#include "src/plan/limits.h"
#include "src/plan/plan_data.h"

namespace sectile::internal {

// Output rows that belong to the image, of those made for the extended one.
std::int64_t cropped_length(std::int64_t extended_output, std::int64_t extended, std::int64_t image,
                            Ratio scale);

// The output of the same plan for such an image: its bits, place and metadata are the image's.
ImageInfo output_for(const PlanData& plan, const ImageInfo& image);

// The window of the output that is written, made of so many bands of the network, and the memory
// that writing it holds.
ImageInfo output_image_of(const ImageInfo& image, const PlanTask& task, Rect window,
                          int network_bands, Scale scale);

}  // namespace sectile::internal
