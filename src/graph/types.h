// Types: which data types a node may take and make.
#pragma once

#include <cstddef>
#include <optional>

#include "sectile/result.h"
#include "src/graph/operator.h"

namespace sectile::internal {

// Errors: unsupported (a type, or an operator of that type, that Sectile does not run), not_exact,
// corrupt (types or scales that contradict each other).
Status check_types(const NodeView& view, const OperatorRule& rule);

// Whether XNNPACK computes some values of the network in f32 where they are f16, and rounds them at
// the network's end: for want of an operator on f16, or of a processor. The node to blame; the
// number of nodes when it is the processor's; none when values are as the file says.
std::optional<std::size_t> widening_node(const Graph& graph);

// `factor`: of integers of some scale that become integers of another. Errors: unsupported, where
// XNNPACK has no number for it.
Status require_factor(double factor, double least, double below);

// Errors: corrupt, for a value of integers that has no scale, or one for each channel.
Status require_one_scale(const Value& value);

}  // namespace sectile::internal
