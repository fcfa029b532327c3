// ElidedViews: values of a method that no call makes.
//
// The exporter leaves out calls that give a value another shape alone (views): the new value has
// the planned memory of the old one, and nothing else tells that they are the same.
//
// Thread safety: for one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sectile/result.h"
#include "src/program/method_graph_builder.h"

namespace sectile::internal {

class ElidedViews {
 public:
  explicit ElidedViews(MethodGraphBuilder& builder) : builder_(builder) {}

  // A call, or the caller, has written the value's memory.
  void wrote(ValueIndex index);

  // Makes the value what lies in its memory, where no call has made it and something of as many
  // elements does; leaves others alone. Errors: corrupt, unsupported.
  Status resolve(ValueIndex index);

 private:
  struct Written {
    ValueIndex index = -1;
    std::uint32_t memory = 0;
    std::uint64_t begin_bytes = 0;
    std::uint64_t end_bytes = 0;
  };
  // None for values without planned memory.
  std::optional<Written> place_of(ValueIndex index) const;

  MethodGraphBuilder& builder_;
  std::vector<Written> written_;  // nothing has been written over them
};

}  // namespace sectile::internal
