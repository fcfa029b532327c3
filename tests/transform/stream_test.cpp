#include "src/transform/stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "src/footprint/footprint.h"
#include "src/transform/resize.h"
#include "tests/support/graph_builder.h"
#include "tests/support/network_programs.h"
#include "tests/support/random_graph.h"
#include "tests/support/sanitizers.h"

namespace sectile::internal::test {
namespace {

GraphProgram convolutions(int count, Size size) {
  GraphBuilder builder({1, 3, size, false, false});
  ValueId value = builder.image();
  for (int i = 0; i < count; ++i) value = builder.convolution(value, {k3, k3}, 4);
  auto program = builder.finish(value);
  EXPECT_TRUE(program);
  return program ? std::move(*program) : GraphProgram{};
}

// The last step's rows of a range that starts at `rows` and moves on.
std::int64_t end_of(Range rows, const StreamProgram& program, const RowBuffer& buffer) {
  return rows.empty() ? rows.end : rows.end + (program.steps - 1) * buffer.step_rows;
}

// Image and output rows come once and in order, and all that are needed come.
void expect_complete(const StreamNetwork& network, std::int64_t image_end, Range output_rows) {
  std::int64_t image = network.image().first_row;
  std::int64_t output = output_rows.begin;
  std::int64_t step = 0;
  for (const StreamProgram& program : network.programs()) {
    EXPECT_EQ(program.first_step, step);
    EXPECT_EQ(program.image_rows.begin, image);
    EXPECT_EQ(program.output_rows.begin, output);
    image = end_of(program.image_rows, program, network.image());
    output = end_of(program.output_rows, program, network.output());
    step += program.steps;
  }
  EXPECT_LE(image, image_end);
  EXPECT_EQ(output, output_rows.end);
}

TEST(Stream, TakesAndMakesEveryRowOnce) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto program = make_random_graph({seed, false});
    ASSERT_TRUE(program);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph& graph = program->graph();
    const Range columns{0, graph.output_shape().length(Axis::x)};
    const std::int64_t grid = derive_footprint(graph).y.grid;
    const auto network =
        make_stream(graph, columns, (1 + static_cast<std::int64_t>(seed % 3)) * grid);
    ASSERT_TRUE(network) << network.error().message;
    const Range rows{0, graph.output_shape().length(Axis::y)};
    expect_complete(*network, graph.image_size().height, rows);
  }
}

TEST(Stream, MakesOnlyTheRowsThatAreWanted) {
  int windows = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto program = make_random_graph({seed, false});
    ASSERT_TRUE(program);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph& graph = program->graph();
    const Range columns{0, graph.output_shape().length(Axis::x)};
    const std::int64_t height = graph.output_shape().length(Axis::y);
    for (const Range rows : {Range{height / 3, height / 2 + 1}, {0, 1}, {height - 1, height}}) {
      const auto network = make_stream(graph, columns, derive_footprint(graph).y.grid, rows);
      if (!network && network.error().message.contains("in its padding alone")) continue;
      ASSERT_TRUE(network) << network.error().message;
      expect_complete(*network, graph.image_size().height, rows);
      ++windows;
    }
  }
  EXPECT_GT(windows, 500);
}

TEST(Stream, BeginsWithTheFirstRowThatAWindowNeeds) {
  const auto network =
      make_stream(convolutions(8, {4096, 64}).graph(), {0, 64}, 16, Range{2000, 2064});
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->image().first_row, 1992);
  EXPECT_EQ(network->programs().front().image_rows, (Range{1992, 2000}));
  const StreamProgram& last = network->programs().back();
  EXPECT_LE(last.first_step + last.steps, 7);
}

TEST(Stream, KeepsTwoRowsForA3x3Convolution) {
  const auto network = make_stream(convolutions(8, {256, 64}).graph(), {0, 64}, 16);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->lag_rows(), 8);
  ASSERT_EQ(network->row_buffers().size(), 9U);
  for (const RowBuffer& buffer : network->row_buffers()) {
    EXPECT_EQ(buffer.history_rows, buffer.value == network->output().value ? 0 : 2);
    EXPECT_EQ(buffer.fresh_rows, 16);
    EXPECT_EQ(buffer.columns, (Range{0, 64}));
  }
}

TEST(Stream, ComputesOnlyTheColumnsThatALaneNeeds) {
  const auto network = make_stream(convolutions(8, {256, 64}).graph(), {20, 30}, 16);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->output().columns, (Range{20, 30}));
  EXPECT_EQ(network->image().columns, (Range{12, 38}));
  const auto at_edge = make_stream(convolutions(8, {256, 64}).graph(), {0, 30}, 16);
  ASSERT_TRUE(at_edge);
  EXPECT_EQ(at_edge->image().columns, (Range{0, 38}));
}

TEST(Stream, HasOneSteadyProgramHoweverTallTheImageIs) {
  const auto programs_at = [](std::int64_t rows) {
    const auto network = make_stream(convolutions(8, {rows, 64}).graph(), {0, 64}, 4);
    EXPECT_TRUE(network);
    std::int64_t steps = 0;
    for (const StreamProgram& program : network->programs()) steps = std::max(steps, program.steps);
    EXPECT_GT(steps, rows / 4 - 8);
    return network->programs().size();
  };
  EXPECT_EQ(programs_at(512), programs_at(32768));
  EXPECT_LE(programs_at(32768), 8U);
}

TEST(Stream, OfADeepNetworkOverATallImageIsMadeInASecond) {
  GraphBuilder builder({1, 3, {32768, 2048}, false, false});
  ValueId value = builder.convolution(builder.image(), {k3, k3}, 16);
  for (int i = 0; i < 174; ++i) {
    const ValueId half = builder.relu(builder.convolution(value, {k3, k3}, 16));
    value = builder.binary(value, builder.convolution(half, {k3, k3}, 16), "XNNAdd");
  }
  const auto program = builder.finish(builder.convolution(value, {k3, k3}, 3));
  ASSERT_TRUE(program);
  const auto begin = std::chrono::steady_clock::now();
  const auto network = make_stream(program->graph(), {0, 2048}, 4);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->lag_rows(), 350);
  EXPECT_LT(network->row_buffer_bytes(), std::int64_t{300} << 20);
  EXPECT_LT(network->programs().size(), 200U);
#ifdef NDEBUG
  if (!kSanitized) {
    EXPECT_LT(taken.count(), 1);
  }
#endif
}

TEST(Stream, KeepsTheSkipsOfAUNetAsLongAsTheyAreNeeded) {
  const Program program = read_network(network_program("unet3"));
  const auto graph = resize(*program.methods[0].graph, {512, 64});
  ASSERT_TRUE(graph);
  const auto network = make_stream(*graph, {0, graph->output_shape().length(Axis::x)}, 16);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->lag_rows(), derive_footprint(*graph).y.reach_after);
  std::int64_t longest = 0;
  for (const RowBuffer& buffer : network->row_buffers())
    longest = std::max(longest, buffer.history_rows);
  EXPECT_GT(longest, network->lag_rows() / 2);
}

// A buffer's rows, step by step: where they lie, and how many were copied.
class StoreWalk {
 public:
  explicit StoreWalk(const RowBuffer& buffer) : store_(buffer) {}

  std::int64_t copied() const { return copied_; }

  // The rows that later steps need are there, and what lies joined with the fresh rows is.
  void write(std::int64_t fresh_rows) {
    if (used_ + fresh_rows > store_.capacity_rows()) {
      const std::int64_t copies = store_.copied_rows(used_);
      RC_ASSERT(copies <= used_);
      RC_ASSERT(copies >= std::min(store_.contiguous_rows, end_));
      staying_ = used_ - copies;  // rows of the former turn that are no copies, from slot 0 on
      used_ = copies;
      copied_ += copies;
    }
    used_ += fresh_rows;
    end_ += fresh_rows;
    RC_ASSERT(used_ <= store_.capacity_rows());
    const std::int64_t needed =
        std::min(store_.history_rows, end_ - fresh_rows) + fresh_rows - used_;
    RC_ASSERT(needed <= 0 || staying_ - needed >= used_);  // not overwritten before its use
  }

 private:
  const RowBuffer& store_;
  std::int64_t used_ = 0;
  std::int64_t staying_ = 0;
  std::int64_t end_ = 0;
  std::int64_t copied_ = 0;
};

RC_GTEST_PROP(RowBuffer, HoldsTheRowsThatAreNeededAndCopiesFew, ()) {
  RowBuffer buffer;
  buffer.step_rows = *rc::gen::inRange<std::int64_t>(1, 20);
  buffer.fresh_rows = buffer.step_rows + *rc::gen::inRange<std::int64_t>(0, 4);
  buffer.history_rows = *rc::gen::inRange<std::int64_t>(0, 200);
  buffer.contiguous_rows = *rc::gen::inRange<std::int64_t>(0, buffer.history_rows + 1);
  StoreWalk walk(buffer);
  for (int i = *rc::gen::inRange(0, 5); i-- > 0;) {
    walk.write(*rc::gen::inRange<std::int64_t>(1, buffer.fresh_rows + 1));  // at the image's top
  }
  constexpr std::int64_t kSteps = 500;
  for (std::int64_t i = 0; i < kSteps; ++i) walk.write(buffer.step_rows);
  const double steadily_copied = kSteps * buffer.copied_rows_per_step();
  RC_ASSERT(std::abs(static_cast<double>(walk.copied()) - steadily_copied) <=
            4.0 * static_cast<double>(buffer.capacity_rows()));
  if (buffer.wraps()) {
    const std::int64_t turns =
        kSteps * buffer.step_rows / (buffer.history_rows + buffer.fresh_rows);
    RC_ASSERT(walk.copied() <= (turns + 1) * buffer.contiguous_rows + 2 * buffer.capacity_rows());
  }
}

TEST(Stream, RefusesStepsThatAreNoMultipleOfTheGrid) {
  const Program program = read_network(network_program("unet3"));
  const Graph& graph = *program.methods[0].graph;
  for (const std::int64_t rows : {0, -8, 4, 12}) {
    const auto network = make_stream(graph, {0, 8}, rows);
    ASSERT_FALSE(network) << rows;
    EXPECT_EQ(network.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(network.error().message.find("grid of 8"), std::string::npos)
        << network.error().message;
  }
}

TEST(Stream, RefusesColumnsThatTheOutputDoesNotHave) {
  const GraphProgram program = convolutions(1, {32, 32});
  for (const Range columns : {Range{0, 33}, Range{-1, 4}, Range{8, 8}}) {
    const auto network = make_stream(program.graph(), columns, 4);
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().code, ErrorCode::invalid_argument);
  }
}

// With padding XNNPACK rounds it once, without it twice.
TEST(Stream, RefusesAPaddedDepthwiseConvolutionOfOnePixel) {
  GraphBuilder builder({1, 3, {32, 32}, false, false});
  const Window padded{1, 1, 1, 1, 1, 0};
  const auto program = builder.finish(builder.depthwise(builder.image(), {padded, padded}, 1));
  ASSERT_TRUE(program);
  const auto network = make_stream(program->graph(), {0, 34}, 4);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::unsupported);
  EXPECT_NE(network.error().message.find("XNNDepthwiseConv2d"), std::string::npos);
}

TEST(Stream, RefusesALaneThatLiesInPaddingAlone) {
  GraphBuilder builder({1, 3, {32, 32}, false, false});
  const ValueId wide = builder.pad(builder.image(), {}, {1, 1, 1, 8, 0, 0}, 1);
  const auto program = builder.finish(wide);
  ASSERT_TRUE(program);
  EXPECT_TRUE(make_stream(program->graph(), {0, 9}, 4));
  const auto network = make_stream(program->graph(), {0, 8}, 4);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::unsupported);
  EXPECT_NE(network.error().message.find("XNNStaticConstantPad"), std::string::npos);
}

}  // namespace
}  // namespace sectile::internal::test
