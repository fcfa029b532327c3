// Which data types go together: each rule by a network of the tests, changed in one place.
#include "src/graph/types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "src/graph/infer.h"
#include "src/graph/operator.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

Graph network(const std::string& name) {
  const Program program = read_network(network_program(name));
  const auto& graph = program.methods.at(0).graph;
  EXPECT_TRUE(graph) << name;
  return graph.value_or(Graph{});
}

Node& node(Graph& graph, const std::string& op) {
  const auto found = std::ranges::find(graph.nodes, op, &Node::op);
  EXPECT_NE(found, graph.nodes.end()) << op;
  return *found;
}

// The first problem after a change.
Error problem_of(Graph graph, const std::function<void(Graph&)>& change) {
  EXPECT_TRUE(infer_all(graph, graph.image_size()).problems.empty());
  change(graph);
  const auto problems = infer_all(graph, graph.image_size()).problems;
  EXPECT_FALSE(problems.empty());
  return problems.empty() ? Error{} : problems[0].error;
}

void expect_problem(const std::string& name, ErrorCode code, const std::string& part,
                    const std::function<void(Graph&)>& change) {
  const Error error = problem_of(network(name), change);
  EXPECT_EQ(to_string(error.code), std::string(to_string(code))) << error.message;
  EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
}

TEST(Types, OfOneNodeAreAlike) {
  for (const char* name : {"float16_add", "int8_add"}) {
    expect_problem(name, ErrorCode::corrupt, " and f32 values", [](Graph& graph) {
      graph.values[node(graph, "XNNAdd").output].type = DataType::f32;
    });
  }
}

// Of packed weights: 8 inputs, of which 7 are filled up, and for 16 outputs as many.
TEST(Types, OfIntegersArePackedInBlocksOfInputs) {
  Graph graph = network("int8_channels_conv_depthwise_7x7");
  const Node& conv = node(graph, "XNNDepthwiseConv2d");
  EXPECT_EQ(find_rule(conv.op)->memory({graph, conv}).weight_bytes, 64 * 16 * (49 * 8 + 12));
}

TEST(Types, ThatNetworksDoNotHaveAreNamed) {
  expect_problem("conv3x3", ErrorCode::unsupported, "u8 values",
                 [](Graph& graph) { graph.values[graph.nodes[1].output].type = DataType::u8; });
  expect_problem("conv3x3", ErrorCode::not_exact, "the whole image", [](Graph& graph) {
    graph.values[graph.nodes[1].inputs[0]].type = DataType::dynamic_i8;
  });
  expect_problem("float16_conv3x3", ErrorCode::unsupported, "i32 values", [](Graph& graph) {
    for (const ValueId id : {graph.nodes[0].inputs[0], graph.nodes[0].output}) {
      graph.values[id].type = DataType::i32;
    }
  });
}

TEST(Types, OfIntegersAreThoseOfOperatorsThatRunThem) {
  expect_problem("int8_add", ErrorCode::unsupported, "runs it on floats",
                 [](Graph& graph) { node(graph, "XNNAdd").op = "XNNSubtract"; });
}

TEST(Types, ThatMoveHaveOneScale) {
  for (const char* name : {"int8_max_pool3s2", "int8_concat3", "int8_slice_product"}) {
    const char* op = std::string(name) == "int8_max_pool3s2" ? "XNNMaxPooling2d"
                     : std::string(name) == "int8_concat3"   ? "XNNConcatenate3"
                                                             : "XNNStaticSlice";
    expect_problem(name, ErrorCode::corrupt, "scale changes", [&](Graph& graph) {
      graph.values[node(graph, op).output].quantization->scales[0] *= 2;
    });
    expect_problem(name, ErrorCode::corrupt, "scale changes", [&](Graph& graph) {
      graph.values[node(graph, op).output].quantization->zero_point += 1;
    });
  }
}

// XNNPACK frees memory twice, or shifts by more than there are bits.
TEST(Types, HaveScalesThatXnnpackCanGoBetween) {
  struct Case {
    const char* name;
    const char* op;
    float factor;  // of the output's scale
  };
  for (const auto& [name, op, factor] :
       {Case{"int8_conv3x3", "XNNConv2d", 1e-6F},
        Case{"int8_conv_depthwise", "XNNDepthwiseConv2d", 1e-6F},
        Case{"int8_transposed_k4s2", "XNNConvTranspose2d", 1e-6F},
        Case{"int8_channels_conv3x3", "XNNConv2d", 1e-6F}, Case{"int8_add", "XNNAdd", 1e6F},
        Case{"int8_add", "XNNAdd", 1e-6F}, Case{"int8_mul", "XNNMultiply", 1e9F},
        Case{"int8_mul", "XNNMultiply", 1e-6F}, Case{"int8_clamp", "XNNClamp", 1e6F}}) {
    expect_problem(name, ErrorCode::unsupported, "too far apart", [&](Graph& graph) {
      graph.values[node(graph, op).output].quantization->scales[0] *= factor;
    });
  }
}

TEST(Types, OfConversionsAreFloatsAndIntegers) {
  const auto convert = [](Graph& graph) -> Node& { return node(graph, "XNNConvert"); };
  expect_problem("int8_conv3x3", ErrorCode::unsupported, "f32 to f32", [&](Graph& graph) {
    Value& made = graph.values[convert(graph).output];
    made.type = DataType::f32;
    made.quantization.reset();
  });
  expect_problem("int8_conv3x3", ErrorCode::corrupt, "each channel", [&](Graph& graph) {
    graph.values[convert(graph).output].quantization->channel_dim = 1;
  });
}

TEST(Types, OfWeightsGoWithTheImage) {
  const auto input = [](Graph& graph, std::size_t index) -> Value& {
    return graph.values[node(graph, "XNNConv2d").inputs[index]];
  };
  expect_problem("int8_conv3x3", ErrorCode::corrupt, "its filter of f32",
                 [&](Graph& graph) { input(graph, 1).type = DataType::f32; });
  expect_problem("int8_conv3x3", ErrorCode::corrupt, "bias of f32",
                 [&](Graph& graph) { input(graph, 2).type = DataType::f32; });
  expect_problem("int8_conv3x3", ErrorCode::corrupt, "do not fit",
                 [&](Graph& graph) { input(graph, 1).quantization->zero_point = 1; });
  expect_problem("int8_channels_conv3x3", ErrorCode::corrupt, "do not fit",
                 [&](Graph& graph) { input(graph, 2).quantization->channel_dim = -1; });
  expect_problem("int8_channels_conv3x3", ErrorCode::corrupt, "do not fit",
                 [&](Graph& graph) { input(graph, 1).quantization->channel_dim = 3; });
  expect_problem("float16_conv3x3", ErrorCode::corrupt, "its filter of i8",
                 [&](Graph& graph) { input(graph, 1).type = DataType::i8; });
  expect_problem("conv3x3", ErrorCode::corrupt, "its filter of f16",
                 [&](Graph& graph) { input(graph, 1).type = DataType::f16; });
}

TEST(Types, AreWidenedByOperatorsThatHalvesLack) {
  EXPECT_FALSE(widening_node(network("conv3x3")));
  EXPECT_FALSE(widening_node(network("bilinear_up2")));
  EXPECT_FALSE(widening_node(network("int8_bilinear_up2")));
  const Graph resized = network("float16_bilinear_up2");
  const auto at = widening_node(resized);
  ASSERT_TRUE(at);
  EXPECT_EQ(resized.nodes.at(*at).op, "XNNStaticResizeBilinear2D");
}

}  // namespace
}  // namespace sectile::internal::test
