// Nodes of the XNNPACK schema <-> Node, by the formats of src/graph/operators.
//
// What Sectile does not know of a node would be lost when the node is written again. So reading
// refuses it: a kind without a format, a field of a newer schema than the one that Sectile was
// built with, and a field of that schema that the operator's format does not list.
#pragma once

#include <functional>
#include <memory>

#include "runtime_schema_generated.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// Maps the ids in the file to our value ids.
using IdMap = std::function<Result<ValueId>(std::uint32_t id)>;

// `values` are the network's: what a node's output is tells some of its fields.
// Errors: corrupt, unsupported (newer than Sectile); the message is the bare reason.
Result<Node> decode_node(const fb_xnnpack::XNode& source, const std::vector<Value>& values,
                         const IdMap& value_of);

// Sizes that depend on the image (of reshapes, slices, resizes) are taken from the graph's shapes.
// Errors: internal (an operator that cannot be written).
Result<std::unique_ptr<fb_xnnpack::XNodeT>> encode_node(const Graph& graph, const Node& node);

}  // namespace sectile::internal
