// Halves: a network of f32 as one of f16, as an exporter writes it.
#pragma once

#include "tests/support/graph_run.h"

namespace sectile::internal::test {

// Filters and biases stay f32; every other value and constant becomes f16. REQUIRES: all are f32.
GraphProgram in_halves(GraphProgram program);

}  // namespace sectile::internal::test
