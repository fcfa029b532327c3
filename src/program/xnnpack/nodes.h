// Nodes of the XNNPACK schema <-> Node. One table of node kinds serves both ways.
#pragma once

#include <functional>
#include <memory>

#include "runtime_schema_generated.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// Maps the ids in the file to our value ids and back.
using IdMap = std::function<Result<ValueId>(std::uint32_t id)>;

// Errors: corrupt, unsupported (newer than Sectile); the message is the bare reason.
Result<Node> decode_node(const fb_xnnpack::XNode& node, const IdMap& value_of);

// Sizes that depend on the image (of reshapes, slices, resizes) are taken from the graph's shapes.
// Errors: internal (an operator that cannot be written).
Result<std::unique_ptr<fb_xnnpack::XNodeT>> encode_node(const Graph& graph, const Node& node);

}  // namespace sectile::internal
