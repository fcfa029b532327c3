// Kept images: what a stage makes and later stages read, so that they need not compute it again.
//
// A stage reads several images as one, channel after channel. One that is larger than the smallest
// is there with a channel for each pixel of a block, as inputs of several sizes are (InputParts).
//
// Thread safety: plain data and pure functions; a KeptImages serves one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sectile/geometry.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// An image that a stage reads.
struct StageInput {
  ValueId image = kNoValue;  // of the whole network: its input, or what an earlier stage kept
  std::int64_t channels = 1;
  Size scale = {1, 1};  // so many rows and columns of it lie over one pixel of what the stage reads
};

// An image that a stage makes.
struct KeptImage {
  ValueId image = kNoValue;  // of the whole network
  Range channels;            // of the stage's output
};

// Makes the graph read the images instead of computing them. Where one does not have a whole number
// of rows and columns over each pixel of the smallest, nothing is changed. REQUIRES: can_be_kept.
std::optional<std::vector<StageInput>> read_images(std::span<const ValueId> images, Graph& graph);

// Those of the candidates that the graph's output is computed from.
std::vector<ValueId> images_read(const Graph& graph, std::span<const ValueId> candidates);

// Decides which images are kept, stage after stage.
class KeptImages {
 public:
  // `depths`: of each value, how many statistics it is made of. `needed`: those that the output
  // depends on. An image is kept where making it again is more work than so much for each byte that
  // is written and read. The graph must outlive this.
  KeptImages(const Graph& whole, std::vector<int> depths, std::vector<bool> needed,
             double work_per_byte);

  // What a stage is to keep of what it can make, beside statistics of that depth of the `summed`
  // images: images of the size that those have. REQUIRES: stages come in order.
  std::vector<ValueId> choose(int depth, std::span<const ValueId> summed);

  // Of all stages so far.
  const std::vector<ValueId>& all() const { return kept_; }

 private:
  bool can_be_kept(ValueId id, Size size) const;
  bool is_worth_keeping(ValueId id) const;

  const Graph& whole_;
  std::vector<int> depths_;
  std::vector<bool> needed_;
  double work_per_byte_;
  std::vector<const Node*> makers_;  // of each value; null for none
  // Of the images that are made of each value: the most statistics that one is made of, among those
  // whose node takes the value, and among all. -1: there is none.
  std::vector<int> deepest_reader_;
  std::vector<int> deepest_after_;
  std::vector<ValueId> kept_;
};

}  // namespace sectile::internal
