// Footprint: how far an output reaches into the input, on which grid, at which scale, and whether a
// network can be cut into tiles with equal bits.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>
#include <string>

namespace [[gnu::visibility("default")]] sectile {

// Input rows and columns beyond itself that a range of the output needs when it starts and ends on
// the grid.
struct Reach {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;
  friend bool operator==(const Reach&, const Reach&) = default;
};

// The smallest shift of the input, in pixels, that shifts every layer by whole rows (y) and columns
// (x).
struct Alignment {
  std::int64_t y = 1;
  std::int64_t x = 1;
  friend bool operator==(const Alignment&, const Alignment&) = default;
};

struct Ratio {
  std::int64_t num = 1;
  std::int64_t den = 1;
  friend bool operator==(const Ratio&, const Ratio&) = default;
};

// Output rows per input row, output columns per input column; in lowest terms.
struct Scale {
  Ratio y;
  Ratio x;
  friend bool operator==(const Scale&, const Scale&) = default;
};

enum class Verdict { exact, not_exact, unsupported };
const char* to_string(Verdict verdict);

// What keeps a method from being cut. For programs: names may be added, none changes its meaning.
enum class BlockerReason {
  whole_image_pool,     // a mean, sum or pool over the image
  whole_image_norm,     // a norm by statistics of the image itself
  whole_image_softmax,  // a softmax over rows or columns
  attention,            // pixels are multiplied with each other, or rows and columns become one dim
  position_dependent,   // a constant or a computation differs from pixel to pixel
  fully_connected,      // its weights fit one image size
  exported_size,        // a number that may stand for the size it was exported for
  resize_factor,        // a resize by a factor, or in a way, that depends on the image's size
  slice_end,            // a crop whose end at other sizes is not known
  padding,              // padding by something else than a constant or the edge
  pool_padding,         // padding that a pool counts, or that ceil_mode adds
  data_type,            // values of a type that Sectile does not run there
  type_conversion,      // a change of data type between delegates
  side_by_side,         // images joined along rows or columns
  wrapped_edges,        // rows or columns that go on at the opposite edge
  different_scales,     // values joined that grow differently with the image
  interface,            // its inputs or outputs are not images that belong together
  other_backend,        // a delegate of another backend
  outside_xnnpack,      // a kernel outside XNNPACK that computes values
  newer,                // newer than Sectile
  other,                // see the words
};
// "whole_image_pool", ...: the name as it stands in the enumeration.
const char* to_string(BlockerReason reason);

// Why a method cannot be cut: which node, which operator, and the reason in words. Control
// characters in names from the file are written out.
struct Blocker {
  std::string node;
  std::string op;
  std::string why;
  BlockerReason reason = BlockerReason::other;
};

}  // namespace sectile
