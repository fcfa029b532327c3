// A program that runs as it was exported holds what its network holds when it is read as a graph.
#include "src/cost/exported_memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/program/exported.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

// Kernels beside the delegate become nodes of the graph, what it takes beside the image may be
// constant there, and lists of pixels are images.
bool are_alike(const Graph& graph, const Graph& delegate) {
  const auto is_list = [](const Value& value) {
    return !value.constant && value.shape.dims.size() == 3;
  };
  return graph.nodes.size() == delegate.nodes.size() &&
         graph.all_inputs().size() == delegate.all_inputs().size() &&
         std::ranges::none_of(delegate.values, is_list);
}

TEST(ExportedMemory, IsThatOfTheGraphOfOneDelegate) {
  int compared = 0;
  for (const NetworkProgram& network : local_programs()) {
    const Program program = read_network(network);
    for (const ProgramMethod& method : program.methods) {
      const auto exported = read_exported(*program.file, method.name);
      if (!exported || exported->delegates.size() != 1 || !method.graph) continue;
      const auto memory = exported_memory(exported->delegates);
      ASSERT_TRUE(memory) << network.name << ": " << memory.error().message;
      const SessionMemory graph = session_memory(*method.graph);
      if (!are_alike(*method.graph, exported->delegates[0])) continue;
      EXPECT_EQ(memory->weight_bytes, graph.weight_bytes) << network.name;
      EXPECT_EQ(memory->indirection_bytes, graph.indirection_bytes) << network.name;
      EXPECT_EQ(memory->workspace_bytes, graph.workspace_bytes) << network.name;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

TEST(ExportedMemory, CountsAllDelegatesAndThePlannedValues) {
  const NetworkProgram network = network_program("refused_softmax_over_rows_large");
  const Program program = read_network(network);
  const auto exported = read_exported(*program.file, "forward");
  ASSERT_TRUE(exported) << exported.error().message;
  ASSERT_EQ(exported->delegates.size(), 2U);
  constexpr std::int64_t kPixels = 160 * 192;
  // Outside the delegates: what the norm takes and gives, 16 channels each, at one time.
  EXPECT_GE(exported->planned_bytes, 2 * 16 * kPixels * 4);
  const auto memory = exported_memory(exported->delegates);
  ASSERT_TRUE(memory) << memory.error().message;
  const std::int64_t weights = (3 * 16 + 16 * 16 + 16 * 3) * 9 * 4;
  EXPECT_GE(memory->weight_bytes, weights);
  EXPECT_GE(memory->indirection_bytes, 3 * 9 * 8 * kPixels);  // three 3x3 convolutions
  EXPECT_GE(memory->workspace_bytes, 2 * 16 * kPixels * 4);
}

TEST(ExportedMemory, KnowsEveryProgramWhoseDelegatesAreXnnpacks) {
  for (const NetworkProgram& network : network_programs()) {
    const Program program = read_network(network);
    for (const ProgramMethod& method : program.methods) {
      const auto exported = read_exported(*program.file, method.name);
      if (!exported) {
        EXPECT_EQ(exported.error().code, ErrorCode::unsupported) << network.name;
        continue;
      }
      const auto memory = exported_memory(exported->delegates);
      EXPECT_TRUE(memory) << network.name << ": " << memory.error().message;
    }
  }
}

}  // namespace
}  // namespace sectile::internal::test
