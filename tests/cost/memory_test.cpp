// What a session is said to hold. That it is what ExecuTorch holds is for tests/cli/memory_test.py,
// where each run has a process of its own.
#include "src/cost/memory.h"

#include <gtest/gtest.h>

#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kPixels = 20 * 30;
constexpr std::int64_t kValue = 4;
const Window k1{};

// Channels-last, so that no transpose stands at the ends.
GraphBuilder builder_of(std::int64_t channels) {
  return GraphBuilder({.seed = 1, .channels = channels, .size = {20, 30}, .channels_last = true});
}

std::int64_t workspace_of(GraphBuilder& builder, ValueId output) {
  const auto program = builder.finish(output);
  EXPECT_TRUE(program);
  return session_memory(program->graph()).workspace_bytes;
}

TEST(SessionMemory, HoldsInputAndOutputOnce) {
  GraphBuilder builder = builder_of(3);
  const auto program = builder.finish(builder.convolution(builder.image(), {k1, k1}, 5));
  ASSERT_TRUE(program);
  const SessionMemory memory = session_memory(program->graph());
  EXPECT_EQ(memory.buffer_bytes, kPixels * (3 + 5) * kValue);
  EXPECT_EQ(memory.workspace_bytes, 0);
  EXPECT_GE(memory.weight_bytes, (3 * 5 + 5) * kValue);
  EXPECT_EQ(memory.indirection_bytes, 0);
}

TEST(SessionMemory, ValuesOfAChainTakeTurns) {
  GraphBuilder builder = builder_of(2);
  ValueId value = builder.image();
  for (int layer = 0; layer < 6; ++layer) value = builder.convolution(value, {k1, k1}, 4);
  // Only the input and the output of one layer live at a time.
  EXPECT_EQ(workspace_of(builder, value), 2 * kPixels * 4 * kValue);
}

TEST(SessionMemory, ASkipStaysUntilItIsUsed) {
  GraphBuilder builder = builder_of(2);
  const ValueId skip = builder.convolution(builder.image(), {k1, k1}, 7);
  ValueId value = skip;
  for (int layer = 0; layer < 5; ++layer) value = builder.convolution(value, {k1, k1}, 4);
  const ValueId joined = builder.concat(value, skip);
  const ValueId output = builder.convolution(joined, {k1, k1}, 1);
  // At the concat: the skip, its other input, and both together.
  EXPECT_EQ(workspace_of(builder, output), kPixels * (7 + 4 + 11) * kValue);
}

TEST(SessionMemory, AFunctionOfEachPixelWorksInPlace) {
  GraphBuilder builder = builder_of(2);
  const ValueId value = builder.convolution(builder.image(), {k1, k1}, 5);
  const ValueId output = builder.convolution(builder.unary(value, "XNNSigmoid"), {k1, k1}, 3);
  EXPECT_EQ(workspace_of(builder, output), kPixels * 5 * kValue);
}

TEST(SessionMemory, WhatIsReadAgainIsNotOverwritten) {
  GraphBuilder builder = builder_of(2);
  const ValueId value = builder.convolution(builder.image(), {k1, k1}, 5);
  const ValueId sum = builder.binary(value, builder.unary(value, "XNNSigmoid"), "XNNAdd");
  const ValueId output = builder.convolution(sum, {k1, k1}, 3);
  EXPECT_EQ(workspace_of(builder, output), kPixels * 2 * 5 * kValue);
}

}  // namespace
}  // namespace sectile::internal::test
