#include "src/transform/resize.h"

#include <gtest/gtest.h>

#include "src/footprint/axis_geometry.h"
#include "src/footprint/footprint.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

void expect_same(const Graph& a, const Graph& b) {
  ASSERT_EQ(a.values.size(), b.values.size());
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  EXPECT_EQ(a.image_size(), b.image_size());
  for (std::size_t id = 0; id < a.values.size(); ++id) {
    EXPECT_EQ(a.values[id].shape, b.values[id].shape) << "value " << id;
    EXPECT_EQ(a.values[id].constant.has_value(), b.values[id].constant.has_value());
    if (!a.values[id].constant || !b.values[id].constant) continue;
    EXPECT_EQ(a.values[id].constant->offset_bytes, b.values[id].constant->offset_bytes);
    EXPECT_EQ(a.values[id].constant->size_bytes, b.values[id].constant->size_bytes);
  }
}

// Take odd sizes too: one shrinks once, and no skip has to fit what grows again; of another, the
// method with the smallest of the outputs has no such skips; some only pool.
bool takes_more_than_its_steps(const NetworkProgram& network) {
  return network.name.contains("mobile") || network.name.contains("fpn") ||
         network.name.contains("ceil") || network.name.contains("max_pool2") ||
         network.name.contains("pad_strided") || network.name.contains("crop_strided");
}

// Taken by the network, but not run.
bool is_in_doubt(const Graph& graph, Size size) {
  const auto status = check_size(graph, derive_footprint(graph), size);
  return !status && status.error().code == ErrorCode::unsupported;
}

// Calls check(network, graph) for every method of every program that can be cut.
template <typename Check>
void for_each_graph(Check check) {
  for (const NetworkProgram& network : local_programs()) {
    const Program program = read_network(network);
    for (const ProgramMethod& method : program.methods) {
      SCOPED_TRACE(network.name + ", method " + method.name);
      ASSERT_TRUE(method.graph);
      check(network, *method.graph);
    }
  }
}

TEST(Resize, ToTheExportedSizeChangesNothing) {
  for_each_graph([](const NetworkProgram&, const Graph& graph) {
    const auto same = resize(graph, graph.image_size());
    ASSERT_TRUE(same) << same.error().message;
    expect_same(*same, graph);
  });
}

TEST(Resize, ForgetsTheSizesBetween) {
  for_each_graph([](const NetworkProgram& network, const Graph& graph) {
    const std::int64_t step = network.step;
    const Size between{25 * step, 22 * step};
    const Size last{17 * step, 39 * step};
    const auto detour = resize(graph, between);
    ASSERT_TRUE(detour) << detour.error().message;
    EXPECT_EQ(detour->image_size(), between);
    const auto there = resize(*detour, last);
    ASSERT_TRUE(there) << there.error().message;
    const auto direct = resize(graph, last);
    ASSERT_TRUE(direct) << direct.error().message;
    expect_same(*there, *direct);
    const auto back = resize(*there, graph.image_size());
    ASSERT_TRUE(back) << back.error().message;
    expect_same(*back, graph);
  });
}

TEST(Resize, RefusesSizesBetweenTheStepsOfANetwork) {
  int refused = 0;
  for_each_graph([&](const NetworkProgram& network, const Graph& graph) {
    const std::int64_t step = network.step;
    if (step == 1 || takes_more_than_its_steps(network)) return;
    for (const Size size : {Size{17 * step + 1, 16 * step}, Size{16 * step, 17 * step + 1}}) {
      if (is_in_doubt(graph, size)) continue;
      const auto resized = resize(graph, size);
      ASSERT_FALSE(resized) << to_string(size);
      EXPECT_EQ(resized.error().code, ErrorCode::invalid_argument);
      EXPECT_NE(resized.error().message.find("node "), std::string::npos);
      EXPECT_NE(resized.error().message.find(to_string(size)), std::string::npos);
      ++refused;
    }
  });
  EXPECT_GE(refused, 40);
}

TEST(Resize, RefusesAnImageSmallerThanAWindow) {
  const Program program = read_network(network_program("conv_valid"));  // 3x3 and 5x5, no padding
  ASSERT_EQ(program.methods.size(), 1U);
  const Graph& graph = *program.methods[0].graph;
  const auto smallest = resize(graph, {7, 7});
  ASSERT_TRUE(smallest) << smallest.error().message;
  EXPECT_EQ(smallest->output_shape().length(Axis::y), 1);
  for (const Size size : {Size{6, 7}, Size{7, 6}, Size{2, 100}, Size{100, 1}}) {
    const auto refused = resize(graph, size);
    ASSERT_FALSE(refused) << to_string(size);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(refused.error().message.find("does not fit"), std::string::npos);
  }
}

TEST(Resize, RefusesSizesThatAreNone) {
  for_each_graph([](const NetworkProgram&, const Graph& graph) {
    for (const Size size : {Size{0, 16}, Size{16, 0}, Size{-8, 16}}) {
      const auto refused = resize(graph, size);
      ASSERT_FALSE(refused) << to_string(size);
      EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << to_string(size);
    }
  });
}

}  // namespace
}  // namespace sectile::internal::test
