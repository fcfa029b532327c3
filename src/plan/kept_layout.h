// KeptLayout: the images that the stages of a method keep for each other, at one size of its image.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sectile/image.h"
#include "src/graph/graph.h"
#include "src/model/model_data.h"

namespace sectile::internal {

// Whether a stage after that one reads the image.
bool is_read_after(const std::vector<MethodStage>& stages, std::size_t stage, ValueId id);

class KeptLayout {
 public:
  // Nothing where the images of a stage do not fit each other at that size.
  static std::optional<KeptLayout> of(const MethodData& data, Size extended);

  // What the stage reads as one image, and what reading it so holds; nothing of one that reads the
  // network's image alone.
  std::optional<ImageInfo> input(std::size_t stage) const;

  // Of what is kept while the stage runs; of what it keeps itself.
  std::int64_t bytes_there(std::size_t stage) const;
  std::int64_t bytes_written(std::size_t stage) const;
  std::int64_t most_bytes() const;

 private:
  KeptLayout(const std::vector<MethodStage>& stages, Graph whole)
      : stages_(&stages), whole_(std::move(whole)) {}

  bool fits() const;
  std::int64_t bytes_of(ValueId id) const;

  const std::vector<MethodStage>* stages_;
  Graph whole_;  // at that size
};

}  // namespace sectile::internal
