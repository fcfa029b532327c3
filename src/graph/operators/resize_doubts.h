// What a program leaves open of its resizes: whether they resize by a factor, or to the size of
// something.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/graph/operators/common.h"

namespace sectile::internal::operators {

// The simplest factor by which PyTorch makes `outputs` rows of `rows`, rounded down.
Ratio simplest_factor(std::int64_t rows, std::int64_t outputs);

// Why a resize that rounds to no rows at all is refused.
std::string makes_none(Axis axis, std::int64_t rows);

// One row that becomes many may become any number of them at another size.
std::optional<SizeDoubt> resize_size_doubt(const NodeView& view, Axis axis);

// Rows that the factor leaves a part of; a factor that was rounded; an image that was as large as
// the output, and is no more.
std::optional<LengthDoubt> resize_length_doubt(const NodeView& view, Axis axis,
                                               const OtherImage& image);

}  // namespace sectile::internal::operators
