// Sessions of several inputs and outputs, and inputs that overlap outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/runtime/tile_buffer.h"
#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kColumns = 33;
constexpr std::int64_t kChannels = 5;
constexpr std::int64_t kStep = 4;
constexpr std::int64_t kRows = 60;
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

Result<std::unique_ptr<MultiIoSession>> load_step(const std::vector<TensorSpec>& inputs,
                                                  const std::vector<TensorSpec>& outputs) {
  const GraphProgram program = two_convolutions(kRows);
  const Graph step = step_of(program.graph());
  const std::array methods{MethodToWrite{"step", &program.method, &step}};
  auto file = write_program(methods, program.weights, IoMemory::caller);
  if (!file) return fail(file.error());
  auto loaded = load_program(std::move(*file));
  if (!loaded) return fail(loaded.error());
  return (*loaded)->load_multi_io("step", inputs, outputs, Threading::caller);
}

TEST(Ports, ReadInOneRunWhatAnEarlierNodeOfItWrote) {
  auto whole = GraphRun::load(two_convolutions(kRows), {kRows, kColumns});
  ASSERT_TRUE(whole);
  const Tensor image = Tensor::random(whole->input(), 3, -1, 1);
  const auto expected = whole->run(image);
  ASSERT_TRUE(expected);
  const auto session =
      load_step({rows_of(kStep + 2), rows_of(kStep + 2)}, {rows_of(kStep), rows_of(kStep)});
  ASSERT_TRUE(session) << session.error().message;
  auto input = TileBuffer::allocate(image.spec.values());
  auto between = TileBuffer::allocate(image.spec.values());
  auto output = TileBuffer::allocate(image.spec.values());
  std::ranges::copy(image.values, input->values().begin());
  const auto at = [](TileBuffer& buffer, std::int64_t row) {
    return buffer.bytes() + row * kColumns * kChannels * std::int64_t{sizeof(float)};
  };
  for (std::int64_t y = 3; y + kStep + 1 <= kRows; y += kStep) {
    const std::array<const std::byte*, 2> inputs{at(*input, y - 1), at(*between, y - 2)};
    const std::array<std::byte*, 2> outputs{at(*output, y - 1), at(*between, y)};
    ASSERT_TRUE((*session)->run(inputs, outputs));
  }
  // The first two rows that the second convolution read were never written.
  const Range rows{4, 50};
  const auto found =
      output->values().subspan(static_cast<std::size_t>(rows.begin * kColumns * kChannels),
                               static_cast<std::size_t>(rows.size() * kColumns * kChannels));
  EXPECT_TRUE(std::ranges::equal(
      found,
      std::span(expected->values)
          .subspan(static_cast<std::size_t>(rows.begin * kColumns * kChannels), found.size())));
}

TEST(Ports, AreComparedWithWhatTheProgramHas) {
  const TensorSpec in = rows_of(kStep + 2);
  const TensorSpec out = rows_of(kStep);
  EXPECT_TRUE(load_step({in, in}, {out, out}));
  TensorSpec planar = in;
  planar.layout = Layout::planar;
  for (const auto& [inputs, outputs] :
       std::vector<std::pair<std::vector<TensorSpec>, std::vector<TensorSpec>>>{
           {{in}, {out, out}},
           {{in, in}, {out}},
           {{in, out}, {out, out}},
           {{in, in}, {out, in}},
           {{in, planar}, {out, out}}}) {
    const auto refused = load_step(inputs, outputs);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported) << refused.error().message;
  }
}

TEST(Ports, NeedAPointerEach) {
  const auto session =
      load_step({rows_of(kStep + 2), rows_of(kStep + 2)}, {rows_of(kStep), rows_of(kStep)});
  ASSERT_TRUE(session);
  std::array<std::byte*, 1> one{};
  const std::array<const std::byte*, 2> two{};
  const auto refused = (*session)->run(two, one);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::internal);
  EXPECT_NE(refused.error().message.find("2 inputs and 2 outputs, not 2 and 1"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace sectile::internal::test
