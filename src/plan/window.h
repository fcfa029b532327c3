// Window: the part of the output that a plan makes, and the pixels that it is computed from.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/footprint/footprint.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The output of an image of size `image`. `whole` is the network at its (extended) size.
Size output_size_of(const Graph& whole, const Footprint& footprint, Size image);

// The window that was asked for; without one, all of the output.
// Errors: invalid_argument (it has no pixels, or some that the output has not).
Result<Rect> window_within(Size output, const std::optional<Rect>& asked);

// The pixels of the image that the window is computed from. Where the network runs on an extended
// image, what lies beyond the edge is the edge's. Empty when it is computed from none.
Rect pixels_needed(const Graph& whole, Size image, Rect window);

// "X,Y,WxH", as on the command line.
std::string window_text(Rect window);

}  // namespace sectile::internal
