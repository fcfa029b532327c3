// What is known of an image, when its pixels get larger or smaller, a part is cut out, or some of
// its bands are taken.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "sectile/image.h"

namespace sectile::internal {

// The reference of an image each of whose pixels is `rows` x `columns` of these, from the same
// corner on.
GeoReference with_pixels_of(GeoReference geo, double rows, double columns);

// The reference of the part of an image that begins at that row and column.
GeoReference with_corner_at(GeoReference geo, double row, double column);

// What stays true of an image of such pixels: resolutions change with them; where they change, or
// only a part is kept, numbers of pixels are left out.
Metadata with_pixels_of(Metadata metadata, double rows, double columns);

// Nothing of the bands is known any more, as they are other quantities. The colour profile goes
// with them.
void forget_bands(Metadata& metadata, int bands);

// What is known of these bands alone, which count from 1. A colour profile stays where they are the
// colours that it is for.
Metadata with_bands(Metadata metadata, const std::vector<int>& bands);

// "RGB " or "GRAY", as colour profiles say it, where that is what the bands begin with; else empty.
std::string color_space_of(const Metadata& metadata);

}  // namespace sectile::internal
