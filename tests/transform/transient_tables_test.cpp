#include "src/transform/transient_tables.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "tests/support/graph_builder.h"
#include "tests/support/random_graph.h"

namespace sectile::internal::test {
namespace {

bool has_transient_tables(const Graph& graph) {
  return std::ranges::any_of(graph.nodes,
                             [](const Node& node) { return (node.flags & kTransientTable) != 0; });
}

// The bits that ExecuTorch makes of both forms.
void expect_same_output(const GraphProgram& plain) {
  GraphProgram transient_tables = plain;
  transient_tables.method.graph = with_transient_tables(plain.graph());
  const Size size = plain.graph().image_size();
  auto plain_run = GraphRun::load(plain, size);
  ASSERT_TRUE(plain_run) << plain_run.error().message;
  auto lean_run = GraphRun::load(transient_tables, size);
  ASSERT_TRUE(lean_run) << lean_run.error().message;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {  // a lean session makes its tables each time
    const Tensor image = Tensor::random(plain_run->input(), seed, -1, 1);
    const auto expected = plain_run->run(image);
    const auto found = lean_run->run(image);
    ASSERT_TRUE(expected) << expected.error().message;
    ASSERT_TRUE(found) << found.error().message;
    const Size output = expected->spec.size;
    EXPECT_EQ(count_differing(*expected, Rect::of(output), *found, 0, 0), 0);
  }
}

TEST(Lean, LeavesTheBitsAsTheyAre) {
  int with_tables = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    const auto program = make_random_graph({.seed = seed});
    ASSERT_TRUE(program) << program.error().message;
    with_tables += has_transient_tables(with_transient_tables(program->graph())) ? 1 : 0;
    expect_same_output(*program);
  }
  EXPECT_GT(with_tables, 75);
}

TEST(Lean, HoldsTheLargestTableAloneAndMakesAllEachTime) {
  GraphBuilder builder({.seed = 1, .channels = 8, .size = {40, 30}});
  ValueId value = builder.image();
  for (int layer = 0; layer < 4; ++layer) value = builder.convolution(value, {k3, k3}, 8);
  const auto program = builder.finish(value);
  ASSERT_TRUE(program) << program.error().message;
  const Graph transient_tables = with_transient_tables(program->graph());
  EXPECT_FALSE(has_transient_tables(program->graph()));
  const std::int64_t indirection_bytes = 8 * 9 * 40 * 30;
  const SessionMemory before = session_memory(program->graph());
  const SessionMemory after = session_memory(transient_tables);
  EXPECT_EQ(before.indirection_bytes, 4 * indirection_bytes);
  EXPECT_EQ(after.indirection_bytes, 0);
  EXPECT_LE(after.workspace_bytes, before.workspace_bytes + indirection_bytes);
  EXPECT_EQ(after.weight_bytes, before.weight_bytes);
  EXPECT_EQ(after.buffer_bytes, before.buffer_bytes);
  EXPECT_EQ(network_work(transient_tables), network_work(program->graph()));
  EXPECT_GT(indirection_seconds(transient_tables), 0);
}

}  // namespace
}  // namespace sectile::internal::test
