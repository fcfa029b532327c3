// Layers that Sectile must refuse, and say why.
#pragma once

#include <string>

#include "tests/support/graph_builder.h"
#include "tests/support/random_layers.h"

namespace sectile::internal::test {

// Puts one behind the value; returns a part of the reason that the refusal has to name.
std::string add_refused_layer(RandomNumbers& random, GraphBuilder& builder, RandomLayers& layers);

}  // namespace sectile::internal::test
