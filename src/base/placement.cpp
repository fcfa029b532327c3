#include "src/base/placement.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace sectile::internal {

namespace {

bool meet(const PlacedBlock& a, const PlacedBlock& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// The tightest gap between blocks that live at the same time, else after all of them.
std::int64_t best_offset(std::int64_t size_bytes, std::vector<PlacedBlock> neighbours) {
  std::ranges::sort(neighbours, {}, &PlacedBlock::offset_bytes);
  std::int64_t best = -1;
  std::int64_t tightest = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = 0;
  for (const PlacedBlock& neighbour : neighbours) {
    const std::int64_t gap = neighbour.offset_bytes - end;
    if (gap >= size_bytes && gap < tightest) {
      tightest = gap;
      best = end;
    }
    end = std::max(end, neighbour.offset_bytes + neighbour.size_bytes);
  }
  return best >= 0 ? best : end;
}

}  // namespace

std::int64_t place(std::vector<PlacedBlock>& blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return blocks[i].size_bytes; });
  std::vector<PlacedBlock> placed;
  std::int64_t size_bytes = 0;
  for (const std::size_t i : order) {
    PlacedBlock& block = blocks[i];
    std::vector<PlacedBlock> neighbours;
    std::ranges::copy_if(placed, std::back_inserter(neighbours),
                         [&](const PlacedBlock& other) { return meet(other, block); });
    block.offset_bytes = best_offset(block.size_bytes, std::move(neighbours));
    size_bytes = std::max(size_bytes, block.offset_bytes + block.size_bytes);
    placed.push_back(block);
  }
  return size_bytes;
}

}  // namespace sectile::internal
