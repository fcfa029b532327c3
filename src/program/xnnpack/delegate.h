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

namespace sectile::internal {

// The delegate's id in a program.
inline constexpr const char* kXnnpackBackend = "XnnpackBackend";

// The header of a delegate's bytes (ExecuTorch backends/xnnpack/runtime/XNNHeader.h).
namespace delegate_header {
inline constexpr std::size_t kSize = 30;
inline constexpr std::size_t kMagicOffset = 4;
inline constexpr char kMagic[] = "XH00";
inline constexpr std::size_t kLengthOffset = 8;
inline constexpr std::size_t kFlatbufferOffset = 10;
inline constexpr std::size_t kFlatbufferBytesOffset = 14;
inline constexpr std::size_t kConstantsOffset = 18;
inline constexpr std::size_t kConstantsBytesOffset = 22;
}  // namespace delegate_header

// XNN_VALUE_FLAG_EXTERNAL_INPUT, XNN_VALUE_FLAG_EXTERNAL_OUTPUT.
inline constexpr std::uint32_t kExternalInput = 1;
inline constexpr std::uint32_t kExternalOutput = 2;

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

// The delegate's bytes for this graph: its externals are all its inputs, then all its outputs;
// constants are named data. `keys` gives the name of each constant value. The graph's shapes are
// written as they stand. REQUIRES: no value is an input or output twice.
Result<std::vector<std::byte>> encode_delegate(const Graph& graph,
                                               const std::map<ValueId, std::string>& keys);

}  // namespace sectile::internal
