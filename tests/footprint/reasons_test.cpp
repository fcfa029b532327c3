// Every refusal says for programs what it is: each reason, by the network that has it.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "sectile/model.h"
#include "src/footprint/tileability.h"
#include "src/graph/operators/common.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

using R = BlockerReason;

const std::map<std::string, R>& reasons() {
  static const std::map<std::string, R> reasons{
      {"global_pool", R::whole_image_pool},
      {"mean_over_height", R::whole_image_pool},
      {"softmax_over_space", R::attention},
      {"softmax_over_rows", R::whole_image_softmax},
      {"mean_of_each_group", R::whole_image_pool},
      {"mean_compared", R::whole_image_pool},
      {"means_of_two_scales", R::different_scales},
      {"softmax_over_rows_large", R::whole_image_softmax},
      {"means_and_attention", R::whole_image_pool},
      {"float16_bilinear_aligned", R::resize_factor},
      {"float16_bilinear_x3", R::resize_factor},
      {"int8_dynamic", R::data_type},
      {"attention", R::attention},
      {"window_attention_shifted", R::wrapped_edges},
      {"token_positions", R::position_dependent},
      {"position_embedding", R::position_dependent},
      {"layer_norm_over_space", R::whole_image_norm},
      {"max_pool_of_all", R::whole_image_pool},
      {"pool_of_quarters", R::exported_size},
      {"pool_of_columns", R::exported_size},
      {"pool_of_two_rows", R::exported_size},
      {"lower_half", R::exported_size},
      {"padded_by_half", R::exported_size},
      {"halves", R::exported_size},
      {"scaled_by_pixels", R::exported_size},
      {"linear_head", R::interface},
      {"crop", R::slice_end},
      {"crop_16", R::slice_end},
      {"inputs_of_three_to_two", R::interface},
      {"input_of_one_pixel", R::interface},
      {"bicubic_x3", R::position_dependent},
      {"bicubic_aligned", R::resize_factor},
      {"multiplied_by_row", R::position_dependent},
      {"added_rows", R::position_dependent},
      {"circular_pad", R::padding},
      {"ceil_average_part", R::pool_padding},
      {"portable", R::outside_xnnpack},
      {"cut_by_padding", R::outside_xnnpack},
      {"float16_reflect", R::type_conversion},
      {"vulkan", R::other_backend},
  };
  return reasons;
}

TEST(Reasons, AreThoseOfTheRefusedNetworks) {
  constexpr std::string_view kPrefix = "refused_";
  std::size_t checked = 0;
  for (const NetworkProgram& network : network_programs()) {
    if (!network.name.starts_with(kPrefix)) continue;
    const std::string name = network.name.substr(kPrefix.size());
    const auto expected = reasons().find(name);
    ASSERT_NE(expected, reasons().end()) << name << " has no line in this test";
    const auto model = Model::open(network.path);
    ASSERT_TRUE(model) << model.error().message;
    const Blocker& first = model->methods()[0].blockers.at(0);
    EXPECT_STREQ(to_string(first.reason), to_string(expected->second)) << name << ": " << first.why;
    ++checked;
  }
  EXPECT_EQ(checked, reasons().size());
}

TEST(Reasons, AreNamedOnceEachAndThoseInsideDelegatesToo) {
  const auto model = Model::open(network_program("refused_means_and_attention").path);
  ASSERT_TRUE(model) << model.error().message;
  const MethodInfo& method = model->methods()[0];
  EXPECT_EQ(method.verdict, Verdict::not_exact);
  ASSERT_EQ(method.blockers.size(), 2U);
  EXPECT_EQ(method.blockers[0].node, "program, 2 times");
  EXPECT_EQ(method.blockers[0].op, "aten::mean.dtype_out");
  EXPECT_EQ(method.blockers[1].node, "program, 2 times");
  EXPECT_EQ(method.blockers[1].op, "XNNBatchMatrixMultiply");
}

// ---- reasons that no exported network of the tests has

Shape image() { return {{1, 20, 30, 4}, 1, 2}; }

// A graph of one node, with the given inputs and an output like the first.
R reason_of(const std::string& op, const std::vector<Shape>& inputs, Attributes attributes = {}) {
  Graph graph;
  Node node;
  node.op = op;
  node.attributes = std::move(attributes);
  for (const Shape& shape : inputs) {
    node.inputs.push_back(static_cast<ValueId>(graph.values.size()));
    graph.values.push_back({shape});
  }
  node.output = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({inputs[0]});
  graph.input = 0;
  graph.output = node.output;
  // Other inputs are made by nodes, from the image.
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    Node copy;
    copy.op = "XNNCopy";
    copy.inputs = {0};
    copy.output = static_cast<ValueId>(i);
    graph.nodes.push_back(copy);
  }
  graph.nodes.push_back(node);
  const Tileability tileability = check_tileable(graph);
  EXPECT_FALSE(tileability.blockers.empty()) << op;
  return tileability.blockers.empty() ? R::other : tileability.blockers.back().reason;
}

TEST(Reasons, AreThoseOfTheOperatorsRules) {
  EXPECT_EQ(reason_of("XNNSoftmax", {{{1, 4, 20, 30}, 2, 3}}), R::whole_image_softmax);
  EXPECT_EQ(reason_of("XNNConcatenate2", {image(), image()}, Concat{1}), R::side_by_side);
  EXPECT_EQ(reason_of("XNNBatchMatrixMultiply", {image(), image()}), R::attention);
  EXPECT_EQ(reason_of("XNNOfTomorrow", {image()}), R::newer);
  EXPECT_EQ(reason_of("XNNArgMaxPooling2d", {image()}), R::other);
}

TEST(Reasons, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(R::other); ++i) {
    EXPECT_TRUE(names.insert(to_string(static_cast<R>(i))).second) << i;
  }
}

}  // namespace
}  // namespace sectile::internal::test
