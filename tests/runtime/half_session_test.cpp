// Networks of f16 between images of floats.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "src/base/half.h"
#include "tests/support/graph_run.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {
namespace {

std::vector<float> rounded(std::vector<float> values) {
  for (float& value : values) value = from_half(to_half(value));
  return values;
}

TEST(HalfSession, RoundsTheImageAsTheNetworkTakesIt) {
  Program program = read_network(network_program("float16_conv3x3"));
  ASSERT_FALSE(program.methods.empty());
  auto run = GraphRun::load({program.methods[0], program.file}, {31, 17});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->input().type, DataType::f16);
  Tensor image = Tensor::random(run->input(), 5, -1, 1);
  const auto output = run->run(image);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_NE(image.values, rounded(image.values));
  image.values = rounded(std::move(image.values));
  const auto again = run->run(image);
  ASSERT_TRUE(again);
  EXPECT_EQ(output->values, again->values);
  EXPECT_EQ(output->values, rounded(output->values));
  EXPECT_NE(std::ranges::max(output->values), std::ranges::min(output->values));
}

}  // namespace
}  // namespace sectile::internal::test
