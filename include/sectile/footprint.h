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

// Why a method cannot be cut: which node, which operator, and the reason in words.
struct Blocker {
  std::string node;
  std::string op;
  std::string why;
};

}  // namespace sectile
