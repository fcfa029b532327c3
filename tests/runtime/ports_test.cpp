// Sessions of several inputs and outputs, and inputs that overlap outputs.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "src/runtime/session.h"
#include "tests/support/graph_builder.h"

namespace sectile::test {
namespace {

constexpr std::int64_t kColumns = 33;
constexpr std::int64_t kChannels = 5;
constexpr std::int64_t kStep = 4;
constexpr Window kPadded{3, 1, 1, 1, 1, 0};
constexpr Window kUnpadded{3, 1, 1, 0, 0, 0};

TensorSpec rows_of(std::int64_t rows) { return {kChannels, {rows, kColumns}, Layout::interleaved}; }

// Two convolutions one after the other, each 3x3.
GraphProgram two_convolutions(std::int64_t rows) {
  GraphBuilder builder({7, kChannels, {rows, kColumns}, false, true});
  const Windows windows{kPadded, kPadded};
  const ValueId first = builder.convolution(builder.image(), windows, kChannels);
  auto program = builder.finish(builder.convolution(first, windows, kChannels));
  EXPECT_TRUE(program);
  return std::move(*program);
}

// The same without padding of rows, where the second reads what the first wrote from the buffer
// that the caller keeps: kStep + 2 rows, of which the first writes the last kStep.
Graph step_of(const Graph& whole) {
  Graph step = whole;
  for (Node& node : step.nodes) std::get<Convolution>(node.attributes).windows.y = kUnpadded;
  const ValueId between = step.nodes[0].output;
  step.values[step.input].shape.dims[1] = kStep + 2;
  step.values[between].shape.dims[1] = kStep;
  step.values[step.output].shape.dims[1] = kStep;
  step.values.push_back(step.values[step.input]);
  step.nodes[1].inputs[0] = static_cast<ValueId>(step.values.size() - 1);
  step.extra_inputs = {step.nodes[1].inputs[0]};
  step.extra_outputs = {between};
  return step;
}

std::unique_ptr<PortSession> load_step(const GraphProgram& program) {
  const Graph step = step_of(program.graph());
  const std::array methods{MethodToWrite{"step", &program.method, &step}};
  auto file = write_program(methods, program.weights, IoMemory::caller);
  EXPECT_TRUE(file) << file.error().message;
  auto loaded = load_program(std::move(*file));
  EXPECT_TRUE(loaded) << loaded.error().message;
  auto session = (*loaded)->load_ports("step", {rows_of(kStep + 2), rows_of(kStep + 2)},
                                       {rows_of(kStep), rows_of(kStep)}, Threading::caller);
  EXPECT_TRUE(session) << session.error().message;
  return session ? std::move(*session) : nullptr;
}

TEST(Ports, ReadInOneRunWhatAnEarlierNodeOfItWrote) {
  constexpr std::int64_t kRows = 60;
  const GraphProgram program = two_convolutions(kRows);
  auto whole = GraphRun::load(program, {kRows, kColumns});
  ASSERT_TRUE(whole);
  const Tensor image = Tensor::random(whole->input(), 3, -1, 1);
  const auto expected = whole->run(image);
  ASSERT_TRUE(expected);
  const auto session = load_step(program);
  ASSERT_NE(session, nullptr);
  auto input = TileBuffer::allocate(image.spec.values());
  auto between = TileBuffer::allocate(image.spec.values());
  auto output = TileBuffer::allocate(image.spec.values());
  std::ranges::copy(image.values, input->values().begin());
  const std::int64_t row = kColumns * kChannels;
  // Rows 0 and 1 of the first one's output are wrong (no padding), and so are 0 to 3 of the last.
  for (std::int64_t y = 1; y + kStep + 1 <= kRows; y += kStep) {
    float* const fresh = between->values().data() + y * row;
    const std::array<const float*, 2> inputs{input->values().data() + (y - 1) * row,
                                             fresh - 2 * row + (y == 1 ? row : 0)};
    const std::array<float*, 2> outputs{output->values().data() + (y == 1 ? 0 : y - 1) * row,
                                        fresh};
    ASSERT_TRUE(session->run(inputs, outputs));
  }
  for (std::int64_t i = 8 * row; i < 50 * row; ++i) {
    ASSERT_EQ(output->values()[static_cast<std::size_t>(i)],
              expected->values[static_cast<std::size_t>(i)])
        << "row " << i / row;
  }
}

}  // namespace
}  // namespace sectile::test
