// Which bands and pixels the file has that is made of a network's output.
//
// Thread safety: pure functions.
#pragma once

#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/result.h"

namespace sectile::internal {

// Pixels are numbers of classes, or 0 and 1.
bool makes_labels(const PlanOptions& options);

int output_bands(OutputKind kind, int network_bands);

// `image`: that the network is run over. Where it has a mask, one of a class map's values is none.
PixelType output_type(const PlanOptions& options, const ImageInfo& image, int network_bands);

// What is known of the bands, where they are not the network's own values.
void describe_bands(const PlanOptions& options, ImageInfo& output);

// Errors: invalid_argument: what no network can give.
Status check_output_options(const PlanOptions& options);

// Errors: invalid_argument: what that network, or such pixels, cannot give.
Status check_output(const PlanOptions& options, const MethodInfo& info, const ImageInfo& image);

}  // namespace sectile::internal
