// Range, Size, Rect: positions on one axis and on two.
//
// All positions and sizes count pixels (or, inside a network, rows and columns of one layer); (0,
// 0) is the top-left pixel. Ranges are half-open: [begin, end). Areas are 64-bit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace [[gnu::visibility("default")]] sectile {

// [begin, end) on one axis. Empty when end <= begin.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  constexpr std::int64_t size() const { return end > begin ? end - begin : 0; }
  constexpr bool empty() const { return end <= begin; }
  constexpr bool contains(Range other) const {
    return other.empty() || (begin <= other.begin && other.end <= end);
  }
  constexpr Range intersect(Range other) const {
    return {std::max(begin, other.begin), std::min(end, other.end)};
  }
  // The smallest range that holds both. An empty range adds nothing.
  constexpr Range unite(Range other) const {
    if (empty()) return other;
    if (other.empty()) return *this;
    return {std::min(begin, other.begin), std::max(end, other.end)};
  }
  constexpr Range shifted(std::int64_t by) const { return {begin + by, end + by}; }
  friend constexpr bool operator==(Range, Range) = default;
};

struct Size {
  std::int64_t height = 0;
  std::int64_t width = 0;

  constexpr std::int64_t area() const { return height * width; }
  friend constexpr bool operator==(Size, Size) = default;
};

struct Rect {
  Range y;
  Range x;

  static constexpr Rect of(Size size) { return {{0, size.height}, {0, size.width}}; }
  constexpr Size size() const { return {y.size(), x.size()}; }
  constexpr std::int64_t area() const { return y.size() * x.size(); }
  constexpr bool empty() const { return y.empty() || x.empty(); }
  constexpr bool contains(Rect other) const { return y.contains(other.y) && x.contains(other.x); }
  constexpr Rect intersect(Rect other) const {
    return {y.intersect(other.y), x.intersect(other.x)};
  }
  friend constexpr bool operator==(Rect, Rect) = default;
};

// "rows 3 to 17" is [3, 17); "1024x768" is width x height, as on the command line.
std::string to_string(Range range);
std::string to_string(Size size);
std::string to_string(Rect rect);

}  // namespace sectile
