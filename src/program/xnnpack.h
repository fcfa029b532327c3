// The inner format: the network inside an XNNPACK delegate.
//
// A delegate's bytes are an optional header (XH00), a FlatBuffer (XN00, XN01) and, in older files,
// the constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sectile/result.h"
#include "src/graph/graph.h"
#include "src/program/container.h"

namespace sectile {

// The decoded network, with every external input and output it has.
struct DelegateGraph {
  Graph graph;  // input and output not yet set
  struct External {
    ValueId value = kNoValue;
    std::uint32_t argument = 0;  // position among the delegate call's arguments
  };
  std::vector<External> inputs;
  std::vector<External> outputs;
};

// Errors: corrupt, unsupported; the message is the bare reason.
Result<DelegateGraph> decode_delegate(const Container& container, ByteRange delegate);

// The delegate's bytes for this graph: external 0 is the input, external 1 the output, constants
// are named data. `keys` gives the name of each constant value. The graph's shapes are written as
// they stand.
Result<std::vector<std::byte>> encode_delegate(const Graph& graph,
                                               const std::map<ValueId, std::string>& keys);

}  // namespace sectile
