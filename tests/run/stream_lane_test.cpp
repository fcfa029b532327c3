// Streamed equals whole, bit by bit, through ExecuTorch.
#include "src/run/stream_lane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "src/footprint/axis_geometry.h"
#include "src/footprint/footprint.h"
#include "src/program/read_program.h"
#include "src/session/step_session.h"
#include "tests/support/graph_builder.h"
#include "tests/support/network_programs.h"
#include "tests/support/random_graph.h"
#include "tests/support/size_that_runs.h"
#include "tests/support/stream_run.h"

namespace sectile::internal::test {
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
  const Footprint footprint = derive_footprint(graph);
  const auto size = extended_size(graph, footprint, size_that_runs(graph, footprint, image));
  return size ? std::optional(*size) : std::nullopt;
}

class ProgramFiles : public testing::TestWithParam<std::string> {};

std::vector<std::string> streamed_networks() {
  std::vector<std::string> names;
  for (const NetworkProgram& network : local_programs()) {
    if (network.streams) names.push_back(network.name);
  }
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

// The image is added at the end: its rows are kept for that node, in a buffer that turns.
TEST(StreamLane, FindsRowsThatStayedWhereTheyWere) {
  for (const std::int64_t rows : {1, 19, 40, 53, 64, 77, 131}) {
    GraphBuilder builder({1, 3, {rows, 9}, false, false});
    ValueId value = builder.image();
    for (int i = 0; i < 20; ++i) value = builder.convolution(value, {k3, k3}, 3);
    const auto program = builder.finish(builder.binary(value, builder.image(), "XNNAdd"));
    ASSERT_TRUE(program);
    for (const std::int64_t step_rows : {1, 2, 3, 4, 7}) {
      const auto network = make_stream(program->graph(), {0, 9}, step_rows);
      ASSERT_TRUE(network) << network.error().message;
      if (rows > 40) {
        EXPECT_TRUE(network->image().wraps()) << rows << " rows, steps of " << step_rows;
      }
      expect_equal_to_whole(*program, {rows, 9}, {step_rows, 1});
    }
  }
}

class Models : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Demo, Models, testing::Values("denoise", "unet", "upscale2x"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(Models, AreStreamedWithTheBitsOfTheWholeImage) {
  const auto file =
      ProgramBytes::read(std::string(SECTILE_SOURCE_DIR "/models/") + GetParam() + ".pte");
  ASSERT_TRUE(file) << file.error().message;
  const auto program = read_program(*file);
  ASSERT_TRUE(program) << program.error().message;
  const GraphProgram graph{program->methods[0], *file};
  // The first two are lower than the lag of the U-Net.
  for (const Size size : {Size{16, 40}, Size{40, 64}, Size{120, 88}, Size{200, 64}}) {
    for (const StreamSize stream : {StreamSize{8, 1}, StreamSize{16, 2}, StreamSize{64, 1}}) {
      expect_equal_to_whole(graph, size, stream);
    }
  }
}

class RandomGraphs : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Hundreds, RandomGraphs, testing::Range(0, 6));

TEST_P(RandomGraphs, AreStreamedWithTheBitsOfTheWholeImage) {
  int streamed = 0;
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
    // A lane of a few columns may lie in padding alone.
    const std::int64_t most_lanes = std::clamp<std::int64_t>(image->width / 10, 1, 4);
    expect_equal_to_whole(*program, *image, {steps * grid, number(1, most_lanes)});
    if (HasFailure()) return;
    ++streamed;
  }
  EXPECT_GT(streamed, 80);
}

GraphProgram two_convolutions(Size size) {
  GraphBuilder builder({1, 3, size, false, false});
  const Window window{3, 1, 1, 1, 1, 0};
  const ValueId first = builder.convolution(builder.image(), {window, window}, 4);
  auto program = builder.finish(builder.convolution(first, {window, window}, 2));
  EXPECT_TRUE(program);
  return program ? std::move(*program) : GraphProgram{};
}

std::shared_ptr<const StreamNetwork> form_of(const GraphProgram& program, std::int64_t step_rows) {
  const Range columns{0, program.graph().output_shape().length(Axis::x)};
  auto network = make_stream(program.graph(), columns, step_rows);
  EXPECT_TRUE(network);
  return std::make_shared<const StreamNetwork>(std::move(*network));
}

TEST(StreamLane, LoadsEachProgramOnce) {
  const GraphProgram program = two_convolutions({300, 12});
  const auto network = form_of(program, 4);
  std::size_t loads = 0;
  auto lane = StreamLane::create(network, [&](const StepGraph& step) {
    ++loads;
    return load_step_session(step, program.weights, Threading::caller);
  });
  ASSERT_TRUE(lane);
  EXPECT_EQ(loads, 0U);
  std::int64_t steps = 0;
  for (; !lane->finished(); ++steps) {
    std::ranges::fill(lane->image_rows(), 0.5F);
    const std::int64_t values = lane->next_output().area() * 2;
    const auto made = lane->step();
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(std::ssize(*made), values);
  }
  EXPECT_EQ(loads, network->programs().size());
  EXPECT_LE(loads, 3U);
  EXPECT_LE(steps, 76);
}

TEST(StreamLane, TellsWhichRowsComeNext) {
  const GraphProgram program = two_convolutions({20, 12});
  auto lane = StreamLane::create(form_of(program, 8), [&](const StepGraph& step) {
    return load_step_session(step, program.weights, Threading::caller);
  });
  ASSERT_TRUE(lane);
  const std::vector<std::pair<Range, Range>> expected{
      {{0, 8}, {0, 6}}, {{8, 16}, {6, 14}}, {{16, 20}, {14, 20}}};
  for (const auto& [image, output] : expected) {
    ASSERT_FALSE(lane->finished());
    EXPECT_EQ(lane->next_image(), (Rect{image, {0, 12}}));
    EXPECT_EQ(lane->next_output(), (Rect{output, {0, 12}}));
    EXPECT_EQ(std::ssize(lane->image_rows()), image.size() * 12 * 3);
    ASSERT_TRUE(lane->step());
  }
  EXPECT_TRUE(lane->finished());
}

TEST(StreamLane, PassesOnTheErrorOfALoad) {
  const GraphProgram program = two_convolutions({20, 12});
  auto lane = StreamLane::create(form_of(program, 8), [](const StepGraph&) {
    return Result<std::unique_ptr<MultiIoSession>>(fail(ErrorCode::over_budget, "no room"));
  });
  ASSERT_TRUE(lane);
  (void)lane->image_rows();
  const auto made = lane->step();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::over_budget);
  EXPECT_EQ(made.error().message, "no room");
}

}  // namespace
}  // namespace sectile::internal::test
