// Random networks that Sectile must cut exactly: sequences and branches of the operators it knows.
//
// A seed names a network: the same seed makes the same one on every machine.
#pragma once

#include <cstdint>
#include <string>

#include "sectile/result.h"
#include "tests/support/graph_run.h"

namespace sectile::internal::test {

struct RandomGraphOptions {
  std::uint64_t seed = 0;
  // Weights above zero, and only operators that carry every change forward: the reach that changing
  // pixels finds is then the one that the layers define.
  bool positive = false;
  // With a layer that Sectile refuses, or that it does not stream.
  bool refused = false;
  // Resizes by powers of two alone, as f16 has them.
  bool plain_resizes = false;
  // With layers that take statistics of the whole image.
  bool statistics = false;
};

struct RandomNetwork {
  GraphProgram program;
  // What a refusal of it has to say; empty when there must be none.
  std::string refusal = {};
};

// Errors: io (the file of the weights).
Result<RandomNetwork> make_random_network(const RandomGraphOptions& options);
// The same network, where none is refused.
Result<GraphProgram> make_random_graph(const RandomGraphOptions& options);

// One line per node, for failure messages.
std::string describe(const Graph& graph);

}  // namespace sectile::internal::test
