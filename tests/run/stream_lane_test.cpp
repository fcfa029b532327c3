// Streamed equals whole, bit by bit, through ExecuTorch.
#include "src/run/stream_lane.h"

#include <gtest/gtest.h>

#include <random>

#include "src/analysis/footprint.h"
#include "tests/support/network_programs.h"
#include "tests/support/random_graph.h"
#include "tests/support/stream_run.h"

namespace sectile::test {
namespace {

void expect_equal_to_whole(const GraphProgram& program, Size image, StreamSize stream) {
  auto whole = GraphRun::load(program, image);
  ASSERT_TRUE(whole) << whole.error().message;
  const Tensor input = Tensor::random(whole->input(), 11, 0.1F, 1);
  const auto expected = whole->run(input);
  ASSERT_TRUE(expected) << expected.error().message;
  const auto streamed = run_streamed(program, input, stream);
  ASSERT_TRUE(streamed) << streamed.error().message;
  EXPECT_EQ(count_differing_values(*expected, *streamed), 0)
      << "of " << expected->spec.values() << " values, " << to_string(image) << ", steps of "
      << stream.step_rows << ", " << stream.lanes << " lanes";
}

// A size near `image` that the network accepts; none when there is none.
std::optional<Size> accepted(const Graph& graph, Size image) {
  const auto size = extended_size(graph, derive_footprint(graph), image);
  return size ? std::optional(*size) : std::nullopt;
}

class ProgramFiles : public testing::TestWithParam<std::string> {};

std::vector<std::string> streamed_networks() {
  std::vector<std::string> names;
  for (const NetworkProgram& network : exact_programs()) names.push_back(network.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Networks, ProgramFiles, testing::ValuesIn(streamed_networks()),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(ProgramFiles, AreStreamedWithTheBitsOfTheWholeImage) {
  const Program program = read_network(network_program(GetParam()));
  for (const ProgramMethod& method : program.methods) {
    const GraphProgram graph{method, program.file};
    const std::int64_t grid = derive_footprint(graph.graph()).y.grid;
    for (const Size size : {Size{70, 45}, Size{33, 24}, Size{12, 17}, Size{160, 20}}) {
      const auto image = accepted(graph.graph(), size);
      if (!image) continue;
      for (const StreamSize stream :
           {StreamSize{grid, 1}, StreamSize{2 * grid, 2}, StreamSize{5 * grid, 3},
            StreamSize{64 / grid * grid + grid, 1}, StreamSize{3 * grid, 4}}) {
        SCOPED_TRACE(method.name);
        expect_equal_to_whole(graph, *image, stream);
      }
    }
  }
}

class RandomGraphs : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Hundreds, RandomGraphs, testing::Range(0, 6));

TEST_P(RandomGraphs, AreStreamedWithTheBitsOfTheWholeImage) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 100 + i;
    const auto program = make_random_graph({seed, false});
    ASSERT_TRUE(program) << program.error().message;
    const Graph& graph = program->graph();
    const std::int64_t grid = derive_footprint(graph).y.grid;
    std::mt19937_64 random(seed);
    const auto number = [&](std::int64_t least, std::int64_t most) {
      const auto span = static_cast<std::uint64_t>(most - least + 1);
      return least + static_cast<std::int64_t>(random() % span);
    };
    const auto image = accepted(graph, {number(20, 120), number(20, 90)});
    if (!image) continue;
    const std::int64_t steps = number(1, std::max<std::int64_t>(1, 64 / grid));
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + describe(graph));
    expect_equal_to_whole(*program, *image, {steps * grid, number(1, 4)});
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace sectile::test
