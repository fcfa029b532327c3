// What exact and approximate plans have in common.
#pragma once

#include <cstdint>

#include "sectile/plan.h"
#include "src/base/mapped_file.h"

namespace sectile {

// What the process holds whatever the plan is, the sink aside.
std::int64_t process_bytes(const MappedFile& program, std::int64_t sink_bytes);

// The limit that was given, or what is taken without one.
std::int64_t memory_limit_of(const PlanOptions& options);

// Errors: invalid_argument (no pixels; bands that differ from the network's channels).
Status check_image(const MethodInfo& info, const ImageInfo& image);

// Output rows that belong to the image, of those made for the extended one.
std::int64_t cropped_length(std::int64_t extended_output, std::int64_t extended, std::int64_t image,
                            Ratio scale);

// The output as it is written, and what writing it holds.
ImageInfo output_image_of(const ImageInfo& image, const PlanOptions& options, Size size, int bands,
                          Scale scale);

}  // namespace sectile
