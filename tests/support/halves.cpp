#include "tests/support/halves.h"

#include <cstddef>
#include <cstring>
#include <set>
#include <span>
#include <vector>

#include "src/base/half.h"

namespace sectile::internal::test {

namespace {

std::set<ValueId> weights_of(const Graph& graph) {
  std::set<ValueId> weights;
  for (const Node& node : graph.nodes) {
    const bool has_weights = std::holds_alternative<Convolution>(node.attributes);
    if (has_weights) weights.insert(node.inputs.begin() + 1, node.inputs.end());
  }
  return weights;
}

Constant rounded(const Constant& constant, std::span<const std::byte> file) {
  std::vector<float> floats(constant.size_bytes / sizeof(float));
  std::memcpy(floats.data(), file.data() + constant.offset_bytes, constant.size_bytes);
  Constant halves;
  halves.size_bytes = constant.size_bytes / 2;
  halves.bytes.resize(halves.size_bytes);
  to_halves(floats, halves.bytes.data());
  return halves;
}

}  // namespace

GraphProgram in_halves(GraphProgram program) {
  Graph& graph = *program.method.graph;
  const std::set<ValueId> weights = weights_of(graph);
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    Value& value = graph.values[id];
    if (weights.contains(id)) continue;
    value.type = DataType::f16;
    if (value.constant) value.constant = rounded(*value.constant, program.weights->bytes());
  }
  for (ProgramTensor& tensor : program.method.inputs) tensor.dtype = to_string(DataType::f16);
  for (ProgramTensor& tensor : program.method.outputs) tensor.dtype = to_string(DataType::f16);
  return program;
}

}  // namespace sectile::internal::test
