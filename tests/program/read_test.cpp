#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sectile/model.h"
#include "src/graph/infer.h"
#include "src/graph/passes/lower.h"
#include "src/program/program.h"
#include "src/program/write_program.h"
#include "tests/program/rewritten.h"
#include "tests/support/network_programs.h"

namespace sectile::internal {
namespace {

using test::exact_programs;
using test::network_program;
using test::network_programs;
using test::NetworkProgram;
using test::read_network;

// ---- what is refused, and why

bool names(const MethodInfo& method, const std::string& part) {
  return std::ranges::any_of(method.blockers, [&](const Blocker& blocker) {
    return (blocker.node + " " + blocker.op + " " + blocker.why).find(part) != std::string::npos;
  });
}

TEST(Read, FindsTheVerdictAndTheReasonOfEveryProgram) {
  for (const NetworkProgram& network : network_programs()) {
    SCOPED_TRACE(network.name);
    const auto model = Model::open(network.path);
    ASSERT_TRUE(model) << model.error().message;
    ASSERT_FALSE(model->methods().empty());
    for (const MethodInfo& method : model->methods()) {
      EXPECT_EQ(to_string(method.verdict), network.verdict);
      EXPECT_EQ(method.blockers.empty(), network.verdict == "exact");
      EXPECT_EQ(method.passes, network.passes);
      if (!network.blocker.empty()) {
        EXPECT_TRUE(names(method, network.blocker))
            << network.blocker << " expected; found " << method.blockers.at(0).op << ": "
            << method.blockers.at(0).why;
      }
    }
  }
}

TEST(Read, RefusesWhatIsNoProgram) {
  const TempFolder folder;
  for (const std::size_t size : {0, 7, 39, 40, 4096}) {
    for (const char filling : {'\0', 'x', '\xff'}) {
      const std::vector<std::byte> bytes(size, static_cast<std::byte>(filling));
      const std::string path = folder.write("none.pte", bytes);
      const auto model = Model::open(path);
      ASSERT_FALSE(model);
      EXPECT_EQ(model.error().code, ErrorCode::corrupt);
      EXPECT_NE(model.error().message.find(path), std::string::npos) << model.error().message;
    }
  }
}

// ---- the ways in which programs are exported

const ProgramMethod& only_method(const Program& program) {
  EXPECT_EQ(program.methods.size(), 1U);
  return program.methods.at(0);
}

TEST(Read, KnowsPlanarAndChannelsLastImages) {
  const Program planar = read_network(network_program("unet1"));
  EXPECT_EQ(spec_of(only_method(planar).inputs[0]).layout, Layout::planar);
  const Program last = read_network(network_program("export_channels_last"));
  const ProgramMethod& method = only_method(last);
  EXPECT_EQ(spec_of(method.inputs[0]).layout, Layout::interleaved);
  // The image's rows and columns are where the layout puts them.
  EXPECT_EQ(method.graph->input_shape().y, 1);
  EXPECT_EQ(method.graph->input_shape().x, 2);
  EXPECT_EQ(only_method(planar).graph->input_shape().y, 2);
}

// A dynamic export's shapes are its upper bounds, which only the layers' own sizes need.
TEST(Read, TakesDynamicProgramsAtTheirUpperBounds) {
  const Program program = read_network(network_program("export_dynamic"));
  const ProgramMethod& method = only_method(program);
  ASSERT_TRUE(method.graph);
  EXPECT_EQ(method.graph->image_size(), spec_of(method.inputs[0]).size);
  EXPECT_GT(method.graph->image_size().height, 24);
}

TEST(Read, FindsAllMethods) {
  const auto model = Model::open(network_program("export_methods").path);
  ASSERT_TRUE(model);
  std::vector<std::string> found;
  for (const MethodInfo& method : model->methods()) {
    found.push_back(method.name);
    EXPECT_EQ(method.verdict, Verdict::exact);
    EXPECT_TRUE(model->method(method.name));
  }
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<std::string>{"large", "small"}));
  const auto unclear = model->method();
  ASSERT_FALSE(unclear);
  EXPECT_EQ(unclear.error().code, ErrorCode::not_found);
  EXPECT_NE(unclear.error().message.find("large"), std::string::npos);
}

// ---- numbers that contradict each other. The writer writes them as they stand.

// What Model::open says of the network with a changed graph.
Result<Model> open_changed(const Program& program, const Graph& graph, const TempFolder& folder) {
  const ProgramMethod& method = program.methods.at(0);
  const std::vector<MethodToWrite> methods{{method.name, &method, &graph}};
  const auto written = write_program(methods, program.file, IoMemory::planned);
  if (!written) return fail(written.error());
  return Model::open(folder.write("changed.pte", **written));
}

Node* node_of(Graph& graph, const std::string& op) {
  const auto node = std::ranges::find(graph.nodes, op, &Node::op);
  return node == graph.nodes.end() ? nullptr : &*node;
}

TEST(Read, RefusesFlagsItDoesNotKnow) {
  const TempFolder folder;
  const Program program = read_network(network_program("conv3x3"));
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    Graph graph = *program.methods.at(0).graph;
    Node* conv = node_of(graph, "XNNConv2d");
    ASSERT_NE(conv, nullptr);
    conv->flags = 1U << bit;
    const auto model = open_changed(program, graph, folder);
    ASSERT_TRUE(model) << model.error().message;
    const MethodInfo& method = model->methods()[0];
    const bool harmless = bit == 5 || bit == 6;
    EXPECT_EQ(method.verdict, harmless ? Verdict::exact : Verdict::unsupported) << bit;
    if (!harmless) {
      EXPECT_EQ(method.blockers.at(0).op, "XNNConv2d");
    }
  }
}

TEST(Read, RefusesClampsThatLeaveNoValue) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const TempFolder folder;
  const Program program = read_network(network_program("four_conv"));
  for (const OutputClamp clamp : {OutputClamp{1, 0}, {kNan, 1}, {0, kNan}}) {
    Graph graph = *program.methods.at(0).graph;
    node_of(graph, "XNNConv2d")->clamp = clamp;
    const auto model = open_changed(program, graph, folder);
    ASSERT_FALSE(model) << clamp.min << ", " << clamp.max;
    EXPECT_EQ(model.error().code, ErrorCode::corrupt);
  }
}

TEST(Read, RefusesPoolingOfPaddingAlone) {
  const TempFolder folder;
  const Program program = read_network(network_program("max_pool3s2"));
  Graph graph = *program.methods.at(0).graph;
  Windows& windows = std::get<Pooling>(node_of(graph, "XNNMaxPooling2d")->attributes).windows;
  windows.y.pad_before = windows.y.pad_after = windows.y.extent();
  const auto model = open_changed(program, graph, folder);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::corrupt);
}

// Four strides of 65536, one after the other: the grid of the tiles would not fit 64 bits.
TEST(Read, RefusesScalesBeyondAnyNetwork) {
  const TempFolder folder;
  const Program program = read_network(network_program("four_conv"));
  Graph graph = *program.methods.at(0).graph;
  for (Node& node : graph.nodes) {
    if (node.op == "XNNConv2d") std::get<Convolution>(node.attributes).windows.y.stride = 1 << 16;
  }
  const auto shapes = infer_shapes(graph, graph.image_size());
  ASSERT_TRUE(shapes) << shapes.error().message;
  for (std::size_t id = 0; id < shapes->size(); ++id) graph.values[id].shape = (*shapes)[id];
  const auto model = open_changed(program, graph, folder);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->methods()[0].verdict, Verdict::unsupported);
}

// Rules read dims of the file's shapes, so a shape of another rank must be found before they do.
TEST(Read, RefusesEveryShapeOfAnotherRank) {
  const TempFolder folder;
  for (const NetworkProgram& network : exact_programs()) {
    if (network.positive) continue;
    SCOPED_TRACE(network.name);
    const Program program = read_network(network);
    const ProgramMethod& method = program.methods.at(0);
    if (!method.input_parts.empty() || !method.output_parts.empty()) continue;
    const Graph& whole = *method.graph;
    if (needs_lowering(whole)) continue;  // slices of rows, resized statistics: refused
    for (std::size_t id = 0; id < whole.values.size(); ++id) {
      if (id == whole.input || id == whole.output) continue;
      Graph graph = whole;
      if (graph.values[id].constant || graph.values[id].shape.dims.empty()) continue;
      graph.values[id].shape = Shape{};
      const auto model = open_changed(program, graph, folder);
      ASSERT_FALSE(model) << "value " << id;
      EXPECT_EQ(model.error().code, ErrorCode::corrupt);
    }
  }
}

}  // namespace
}  // namespace sectile::internal
