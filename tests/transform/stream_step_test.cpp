// Parts of single layers: each has the bits that the whole has there.
#include "src/transform/stream_step.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "src/runtime/tile_buffer.h"
#include "src/session/step_session.h"
#include "src/transform/stream_schedule.h"
#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

constexpr std::int64_t kChannels = 4;
constexpr Size kSize{8, 12};

// Parts of one row, for 5 ranges of columns, that lie in a layer's padding alone: they have no
// input.
std::int64_t parts_in_padding(const std::string& layer) {
  constexpr std::int64_t kColumnRanges = 5;
  if (layer == "pad") return 4 * kColumnRanges;
  const bool one_pixel = layer.starts_with("conv1") || layer.starts_with("depthwise1");
  return one_pixel && layer.contains("padded") && !layer.contains("strided") ? 2 * kColumnRanges
                                                                             : 0;
}

struct Layer {
  std::string name;
  std::function<ValueId(GraphBuilder&, ValueId)> add;
};

Windows both(Window window) { return {window, window}; }

std::vector<Layer> convolutions() {
  const auto conv = [](Windows windows, std::int64_t groups) {
    return [=](GraphBuilder& b, ValueId in) { return b.convolution(in, windows, 4, groups); };
  };
  return {
      {"conv1", conv(both({1, 1, 1, 0, 0, 0}), 1)},
      {"conv1_padded", conv(both({1, 1, 1, 1, 1, 0}), 1)},
      {"conv1_grouped_padded", conv(both({1, 1, 1, 1, 1, 0}), 2)},
      {"conv3", conv(both({3, 1, 1, 1, 1, 0}), 1)},
      {"conv3_valid", conv(both({3, 1, 1, 0, 0, 0}), 1)},
      {"conv3_grouped", conv(both({3, 1, 1, 1, 1, 0}), 2)},
      {"conv3_dilated", conv(both({3, 1, 2, 2, 2, 0}), 1)},
      {"conv5_uneven", conv(both({5, 1, 1, 3, 0, 0}), 1)},
      {"conv3_strided", conv(both({3, 2, 1, 1, 1, 0}), 1)},
      {"conv4_strided", conv(both({4, 2, 1, 1, 1, 0}), 1)},
      {"conv1_stride3", conv(both({1, 3, 1, 0, 0, 0}), 1)},
      {"conv_mixed", conv({{3, 2, 1, 1, 1, 0}, {5, 1, 1, 2, 2, 0}}, 1)},
      {"conv_padded_wide", conv(both({3, 1, 1, 2, 2, 0}), 1)},
      {"depthwise1",
       [](GraphBuilder& b, ValueId in) { return b.depthwise(in, both({1, 1, 1, 0, 0, 0}), 1); }},
      {"depthwise1_padded_multiplied",
       [](GraphBuilder& b, ValueId in) { return b.depthwise(in, both({1, 1, 1, 1, 1, 0}), 2); }},
      {"depthwise1_strided_padded",
       [](GraphBuilder& b, ValueId in) { return b.depthwise(in, both({2, 1, 1, 1, 1, 0}), 1); }},
      {"depthwise3",
       [](GraphBuilder& b, ValueId in) { return b.depthwise(in, both({3, 1, 1, 1, 1, 0}), 1); }},
      {"depthwise5_strided",
       [](GraphBuilder& b, ValueId in) { return b.depthwise(in, both({5, 2, 1, 2, 2, 0}), 2); }},
  };
}

std::vector<Layer> transposed_convolutions() {
  const auto up = [](Window window, std::int64_t groups) {
    return [=](GraphBuilder& b, ValueId in) {
      return b.transposed_convolution(in, both(window), 4, groups);
    };
  };
  return {
      {"up2", up({2, 2, 1, 0, 0, 0}, 1)},          {"up3_of_2", up({3, 2, 1, 1, 1, 0}, 1)},
      {"up3_adjusted", up({3, 2, 1, 1, 1, 1}, 1)}, {"up4", up({4, 2, 1, 1, 1, 0}, 1)},
      {"up4_grouped", up({4, 2, 1, 1, 1, 0}, 2)},  {"up3_stride1", up({3, 1, 1, 1, 1, 0}, 1)},
      {"up1_of_2", up({1, 2, 1, 0, 0, 0}, 1)},     {"up2_of_3", up({2, 3, 1, 0, 0, 1}, 1)},
      {"up5_of_3", up({5, 3, 1, 2, 1, 0}, 1)},
  };
}

std::vector<Layer> pools() {
  const auto max = [](Windows w) {
    return [=](GraphBuilder& b, ValueId in) { return b.max_pool(in, w); };
  };
  const auto avg = [](Windows w) {
    return [=](GraphBuilder& b, ValueId in) { return b.avg_pool(in, w); };
  };
  return {{"max2", max(both({2, 2, 1, 0, 0, 0}))},
          {"max3_padded", max(both({3, 2, 1, 1, 1, 0}))},
          {"max3_stride1", max(both({3, 1, 1, 1, 1, 0}))},
          {"max2_dilated", max(both({2, 1, 2, 1, 1, 0}))},
          {"avg2", avg(both({2, 2, 1, 0, 0, 0}))},
          {"avg3_padded", avg(both({3, 2, 1, 1, 1, 0}))},
          {"avg3_stride1", avg(both({3, 1, 1, 1, 1, 0}))},
          {"avg5_padded", avg(both({5, 1, 1, 2, 2, 0}))},
          {"avg_mixed", avg({{3, 1, 1, 1, 1, 0}, {2, 2, 1, 0, 0, 0}})}};
}

std::vector<Layer> movements() {
  const auto bilinear = [](Ratio y, Ratio x, bool align_corners = false) {
    return [=](GraphBuilder& b, ValueId in) { return b.bilinear(in, y, x, align_corners); };
  };

  return {
      {"bilinear2", bilinear({2, 1}, {2, 1})},
      {"bilinear4", bilinear({4, 1}, {2, 1})},
      {"bilinear_half", bilinear({1, 2}, {1, 2})},
      {"bilinear_quarter", bilinear({1, 4}, {1, 4})},
      {"bilinear_mixed", bilinear({2, 1}, {1, 2})},
      {"bilinear_aligned", bilinear({2, 1}, {2, 1}, true)},
      {"bilinear_aligned_half", bilinear({1, 2}, {1, 2}, true)},
      {"bilinear3", bilinear({3, 1}, {3, 1})},
      {"bilinear_by_halves", bilinear({3, 2}, {1, 2}, true)},
      {"pad", [](GraphBuilder& b,
                 ValueId in) { return b.pad(in, {1, 1, 1, 2, 1, 0}, {1, 1, 1, 0, 2, 0}, 0.5F); }},
      {"drop_first", [](GraphBuilder& b, ValueId in) { return b.drop_first(in, 2, 3); }},
      {"keep_channels", [](GraphBuilder& b, ValueId in) { return b.keep_channels(in, 1, 2); }},
      {"pixel_shuffle", [](GraphBuilder& b, ValueId in) { return b.pixel_shuffle(in, 2); }},
      {"pixel_unshuffle", [](GraphBuilder& b, ValueId in) { return b.pixel_unshuffle(in, 2); }},
      {"sigmoid", [](GraphBuilder& b, ValueId in) { return b.unary(in, "XNNSigmoid"); }},
      {"softmax", [](GraphBuilder& b, ValueId in) { return b.unary(in, "XNNSoftmax"); }},
      {"times_constant", [](GraphBuilder& b, ValueId in) { return b.times_constant(in); }},
      {"concat", [](GraphBuilder& b, ValueId in) { return b.concat(in, in); }},
      {"square", [](GraphBuilder& b, ValueId in) { return b.binary(in, in, "XNNMultiply"); }}};
}

class Parts : public testing::TestWithParam<Layer> {};
const auto name_of = [](const auto& layer) { return layer.param.name; };
INSTANTIATE_TEST_SUITE_P(Convolutions, Parts, testing::ValuesIn(convolutions()), name_of);
INSTANTIATE_TEST_SUITE_P(Transposed, Parts, testing::ValuesIn(transposed_convolutions()), name_of);
INSTANTIATE_TEST_SUITE_P(Pools, Parts, testing::ValuesIn(pools()), name_of);
INSTANTIATE_TEST_SUITE_P(Movements, Parts, testing::ValuesIn(movements()), name_of);

GraphProgram one_layer(const Layer& layer) {
  GraphBuilder builder({5, kChannels, kSize, false, true});
  const ValueId out = layer.add(builder, builder.image());
  EXPECT_EQ(builder.problem(), "");
  auto program = builder.finish(out);
  EXPECT_TRUE(program);
  return program ? std::move(*program) : GraphProgram{};
}

// Every value's rows and columns, with nothing computed before; only the image lies in a buffer.
StepGraph step_for(const Graph& graph, Rect part) {
  auto rows = needed_ranges(graph, Axis::y, part.y);
  const auto columns = needed_ranges(graph, Axis::x, part.x);
  if (!rows || !columns) return {};
  std::vector<std::size_t> buffers(graph.values.size(), kNoBuffer);
  buffers[graph.input] = StreamNetwork::kImage;
  buffers[graph.output] = StreamNetwork::kOutput;
  const std::vector<std::int64_t> step_rows(graph.values.size(), 1);
  return StepBuilder({graph, *rows, *columns, buffers, 0, step_rows}).build();
}

Result<Tensor> run_part(const GraphProgram& program, const StepGraph& step, const Tensor& input) {
  auto session = load_step_session(step, program.weights, Threading::caller);
  if (!session) return fail(session.error());
  auto in = TileBuffer::allocate((*session)->inputs()[0].values());
  auto out = TileBuffer::allocate((*session)->outputs()[0].values());
  std::ranges::copy(input.values, in->values().begin());
  const std::array<const std::byte*, 1> inputs{in->bytes()};
  const std::array<std::byte*, 1> outputs{out->bytes()};
  if (Status ran = (*session)->run(inputs, outputs); !ran) return fail(ran.error());
  return Tensor{(*session)->outputs()[0], {out->values().begin(), out->values().end()}};
}

class WholeLayer {
 public:
  explicit WholeLayer(const Layer& layer) : program_(one_layer(layer)) {
    auto run = GraphRun::load(program_, kSize);
    EXPECT_TRUE(run) << run.error().message;
    image_ = Tensor::random(run->input(), 2, -1, 1);
    output_ = *run->run(image_);
  }
  Size output_size() const { return output_.spec.size; }

  // False when nothing of the image is needed for the part, so that there is no such step.
  bool check(Rect part) const {
    const StepGraph step = step_for(program_.graph(), part);
    if (step.inputs.empty()) return false;
    const Range columns = (*needed_ranges(program_.graph(), Axis::x, part.x))[0];
    const Tensor input = image_.cut({step.inputs[0].rows, columns});
    EXPECT_EQ(step.inputs.size(), 1U);
    const auto made = run_part(program_, step, input);
    EXPECT_TRUE(made) << made.error().message;
    if (!made) return true;
    EXPECT_EQ(made->spec.size, part.size());
    EXPECT_EQ(count_differing(output_, part, *made, part.y.begin, part.x.begin), 0)
        << to_string(part);
    return true;
  }

 private:
  GraphProgram program_;
  Tensor image_;
  Tensor output_;
};

TEST_P(Parts, HaveTheBitsOfTheWhole) {
  const WholeLayer layer(GetParam());
  const auto [height, width] = layer.output_size();
  int checked = 0;
  int left_out = 0;
  for (std::int64_t begin = 0; begin < height; ++begin) {
    for (std::int64_t end = begin + 1; end <= height; ++end) {
      for (const Range columns : {Range{0, width}, Range{0, 3}, Range{width / 2, width / 2 + 2},
                                  Range{width - 3, width}, Range{width / 3, width - 1}}) {
        ++(layer.check({{begin, end}, columns}) ? checked : left_out);
        if (HasFailure()) return;
      }
    }
  }
  // Rows [0, 1), [0, 2), [1, 2) and the last one come from the padding alone.
  EXPECT_EQ(left_out, parts_in_padding(GetParam().name));
  EXPECT_GT(checked, 0);
}

}  // namespace
}  // namespace sectile::internal::test
