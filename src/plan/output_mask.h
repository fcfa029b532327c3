// The mask of an output: each of its pixels shows the pixel of the image that stands in its place.
//
// Thread safety: pure functions.
#pragma once

#include <memory>

#include "sectile/footprint.h"
#include "sectile/mask.h"

namespace sectile::internal {

// Of that window of the output. `output` is all of it, `scale` the network's. A network that gives
// less than the image times its scale leaves as much out on both sides.
std::shared_ptr<const Mask> output_mask(const std::shared_ptr<const Mask>& image, Size output,
                                        Rect window, Scale scale);

}  // namespace sectile::internal
