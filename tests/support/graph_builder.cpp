#include "tests/support/graph_builder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <utility>

#include "src/graph/operator.h"
#include "src/graph/passes/spread_statistics.h"

namespace sectile::internal::test {

namespace {

using Dims = std::vector<std::int64_t>;

constexpr std::size_t kWeightAlignment = 32;  // values: 128 bytes, as in a program's file
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// XNNPACK: pads so that rows and columns come out as a window of that stride makes them.
constexpr std::uint32_t kPoolFlags = 64;

const Dims kToPlanar{0, 3, 1, 2};
const Dims kToInterleaved{0, 2, 3, 1};

ProgramTensor tensor_of(const Shape& shape, bool channels_last) {
  if (channels_last) {
    return {"f32", {1, shape.dims[3], shape.dims[1], shape.dims[2]}, {0, 2, 3, 1}};
  }
  return {"f32", shape.dims, {0, 1, 2, 3}};
}

Node make_node(std::string op, std::vector<ValueId> inputs, Attributes attributes = {}) {
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  return node;
}

// The file has no name any more when this returns; the mapping keeps it alive.
Result<std::shared_ptr<const ProgramBytes>> map_values(const std::vector<float>& values) {
  std::string path = testing::TempDir() + "sectile-weights-XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) return fail(ErrorCode::io, "[test] cannot create " + path);
  const auto size = static_cast<ssize_t>(values.size() * sizeof(float));
  const bool written = write(descriptor, values.data(), static_cast<std::size_t>(size)) == size;
  close(descriptor);
  auto file =
      written ? ProgramBytes::read(path) : fail(ErrorCode::io, "[test] cannot write " + path);
  unlink(path.c_str());
  return file;
}

}  // namespace

GraphBuilder::GraphBuilder(const BuilderOptions& options)
    : options_(options), engine_(options.seed) {
  const auto [height, width] = options.size;
  if (options.channels_last) {
    graph_.input = add_value({{1, height, width, options.channels}, 1, 2});
    image_ = graph_.input;
  } else {
    graph_.input = add_value({{1, options.channels, height, width}, 2, 3});
    image_ = transpose(graph_.input, kToInterleaved);
  }
}

ValueId GraphBuilder::add_value(Shape shape) {
  Value value;
  value.shape = std::move(shape);
  graph_.values.push_back(std::move(value));
  return static_cast<ValueId>(graph_.values.size() - 1);
}

float GraphBuilder::random_weight(std::int64_t fan_in) {
  std::uniform_real_distribution<float> uniform(0, 1);
  const auto inputs = static_cast<float>(fan_in);
  // Positive: an average of the inputs. Else: values that stay near 1 from layer to layer.
  if (options_.positive) return (uniform(engine_) + 0.5F) / inputs;
  return (2 * uniform(engine_) - 1) * std::sqrt(3 / inputs);
}

ValueId GraphBuilder::add_constant(Dims dims, std::int64_t fan_in) {
  while (weights_.size() % kWeightAlignment != 0) weights_.push_back(0);
  const std::size_t begin = weights_.size();
  const ValueId id = add_value({std::move(dims), -1, -1});
  const auto count = static_cast<std::size_t>(shape(id).elements());
  for (std::size_t i = 0; i < count; ++i) weights_.push_back(random_weight(fan_in));
  graph_.values[id].constant = Constant{begin * sizeof(float), count * sizeof(float), ""};
  return id;
}

ValueId GraphBuilder::add_node(Node node) { return add_node(std::move(node), {}); }

ValueId GraphBuilder::add_node(Node node, Dims dims) {
  std::vector<Shape> inputs;
  for (const ValueId id : node.inputs) inputs.push_back(shape(id));
  node.output = add_value({std::move(dims), -1, -1});
  auto derived = find_rule(node.op)->shape({graph_, node}, inputs);
  if (derived) {
    graph_.values[node.output].shape = std::move(*derived);
  } else if (problem_.empty()) {
    problem_ = node.op + ": " + derived.error().message;
  }
  // After a problem the graph is thrown away; the layers behind it only need some image.
  if (!problem_.empty()) graph_.values[node.output].shape = inputs[0];
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().output;
}

ValueId GraphBuilder::convolution(ValueId in, const Windows& windows, std::int64_t out_channels,
                                  std::int64_t groups) {
  const std::int64_t group_inputs = channels(in) / groups;
  const std::int64_t kernel = windows.y.kernel * windows.x.kernel;
  const ValueId filter = add_constant(
      {out_channels, windows.y.kernel, windows.x.kernel, group_inputs}, kernel * group_inputs);
  const ValueId bias = add_constant({out_channels}, 8);
  return add_node(make_node("XNNConv2d", {in, filter, bias},
                            Convolution{windows, groups, group_inputs, out_channels / groups}));
}

ValueId GraphBuilder::depthwise(ValueId in, const Windows& windows, std::int64_t multiplier) {
  const std::int64_t groups = channels(in);
  const ValueId filter = add_constant({1, windows.y.kernel, windows.x.kernel, groups * multiplier},
                                      windows.y.kernel * windows.x.kernel);
  const ValueId bias = add_constant({groups * multiplier}, 8);
  return add_node(make_node("XNNDepthwiseConv2d", {in, filter, bias},
                            Convolution{windows, groups, 1, multiplier}));
}

ValueId GraphBuilder::transposed_convolution(ValueId in, const Windows& windows,
                                             std::int64_t out_channels, std::int64_t groups) {
  const std::int64_t group_inputs = channels(in) / groups;
  const ValueId filter =
      add_constant({out_channels, windows.y.kernel, windows.x.kernel, group_inputs},
                   windows.y.kernel * windows.x.kernel * group_inputs);
  const ValueId bias = add_constant({out_channels}, 8);
  return add_node(make_node("XNNConvTranspose2d", {in, filter, bias},
                            Convolution{windows, groups, group_inputs, out_channels / groups}));
}

ValueId GraphBuilder::pool(ValueId in, const std::string& op, Pooling pooling) {
  Node node = make_node(op, {in}, pooling);
  node.flags = kPoolFlags;
  return add_node(std::move(node));
}
ValueId GraphBuilder::max_pool(ValueId in, const Windows& windows, bool ceil_mode) {
  return pool(in, "XNNMaxPooling2d", {windows, ceil_mode});
}
ValueId GraphBuilder::avg_pool(ValueId in, const Windows& windows) {
  return pool(in, "XNNAvgPooling2d", {windows});
}

ValueId GraphBuilder::unary(ValueId in, const std::string& op, Attributes attributes) {
  return add_node(make_node(op, {in}, std::move(attributes)));
}

ValueId GraphBuilder::relu(ValueId in) {
  Node node = make_node("XNNClamp", {in});
  node.clamp = OutputClamp{0, kInfinity};
  return add_node(std::move(node));
}

ValueId GraphBuilder::binary(ValueId a, ValueId b, const std::string& op) {
  return add_node(make_node(op, {a, b}));
}

ValueId GraphBuilder::with_constant(ValueId in, const std::string& op, Dims dims,
                                    bool constant_first) {
  const ValueId constant = add_constant(std::move(dims), 1);
  return constant_first ? binary(constant, in, op) : binary(in, constant, op);
}

ValueId GraphBuilder::times_constant(ValueId in) {
  return with_constant(in, "XNNMultiply", {1, 1, 1, channels(in)});
}

ValueId GraphBuilder::concat(const std::vector<ValueId>& parts) {
  return add_node(make_node("XNNConcatenate" + std::to_string(parts.size()), parts, Concat{3}));
}

ValueId GraphBuilder::pad(ValueId in, const Window& y, const Window& x, float value,
                          std::int64_t more_channels) {
  return add_node(make_node("XNNStaticConstantPad", {in},
                            Pad{{0, y.pad_before, x.pad_before, 0},
                                {0, y.pad_after, x.pad_after, more_channels},
                                value}));
}

ValueId GraphBuilder::mean(ValueId in) {
  Node node = make_node("XNNGlobalAvgPooling2d", {in});
  node.flags = kKeepDims;
  return add_node(std::move(node));
}
ValueId GraphBuilder::spread(ValueId like, ValueId mean) {
  return add_node(make_node(std::string(kSpread), {like, mean}));
}

ValueId GraphBuilder::unchecked(Node node, Shape output) {
  node.output = add_value(std::move(output));
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().output;
}

ValueId GraphBuilder::drop(ValueId in, std::int64_t rows, std::int64_t columns, Slice slice) {
  Dims dims = shape(in).dims;
  dims[1] -= rows;
  dims[2] -= columns;
  return add_node(make_node("XNNStaticSlice", {in}, std::move(slice)), dims);
}
ValueId GraphBuilder::drop_first(ValueId in, std::int64_t rows, std::int64_t columns) {
  return drop(in, rows, columns, {{0, rows, columns, 0}});
}
ValueId GraphBuilder::drop_last(ValueId in, std::int64_t rows, std::int64_t columns) {
  return drop(in, rows, columns, {{0, 0, 0, 0}});
}

ValueId GraphBuilder::keep_channels(ValueId in, std::int64_t first, std::int64_t count) {
  Dims dims = shape(in).dims;
  dims[3] = count;
  return add_node(make_node("XNNStaticSlice", {in}, Slice{{0, 0, 0, first}}), dims);
}

ValueId GraphBuilder::bilinear(ValueId in, Ratio y, Ratio x, bool align_corners) {
  Dims dims = shape(in).dims;
  dims[1] = dims[1] / y.den * y.num;
  dims[2] = dims[2] / x.den * x.num;
  constexpr std::uint32_t kAlignCorners = 0x8;
  Node node = make_node("XNNStaticResizeBilinear2D", {in});
  if (align_corners) node.flags = kAlignCorners;
  return add_node(std::move(node), dims);
}

ValueId GraphBuilder::transpose(ValueId in, Dims perm) {
  return add_node(make_node("XNNStaticTranspose", {in}, Transpose{std::move(perm)}));
}

ValueId GraphBuilder::reshape(ValueId in, Dims dims) {
  return add_node(make_node("XNNStaticReshape", {in}), std::move(dims));
}

ValueId GraphBuilder::pixel_shuffle(ValueId in, std::int64_t factor) {
  const Dims& dims = shape(in).dims;
  const std::int64_t out_channels = dims[3] / factor / factor;
  const std::int64_t rows = dims[1];
  const std::int64_t columns = dims[2];
  const ValueId parts =
      reshape(transpose(in, kToPlanar), {1, out_channels, factor, factor, rows, columns});
  const ValueId mixed = transpose(parts, {0, 1, 4, 2, 5, 3});
  const ValueId planar = reshape(mixed, {1, out_channels, rows * factor, columns * factor});
  return transpose(planar, kToInterleaved);
}

ValueId GraphBuilder::pixel_unshuffle(ValueId in, std::int64_t factor) {
  const Dims& dims = shape(in).dims;
  const std::int64_t in_channels = dims[3];
  const std::int64_t rows = dims[1] / factor;
  const std::int64_t columns = dims[2] / factor;
  const ValueId parts =
      reshape(transpose(in, kToPlanar), {1, in_channels, rows, factor, columns, factor});
  const ValueId mixed = transpose(parts, {0, 1, 3, 5, 2, 4});
  const ValueId planar = reshape(mixed, {1, in_channels * factor * factor, rows, columns});
  return transpose(planar, kToInterleaved);
}

ValueId GraphBuilder::window_attention(ValueId in, std::int64_t side) {
  const Dims image = shape(in).dims;
  const std::int64_t rows = image[1] / side;
  const std::int64_t columns = image[2] / side;
  const std::int64_t channels = image[3];
  const ValueId parts = reshape(in, {1, rows, side, columns, side, channels});
  const ValueId windows =
      reshape(transpose(parts, {0, 1, 3, 2, 4, 5}), {rows, columns, side * side, channels});
  const Node scores =
      make_node("XNNBatchMatrixMultiply", {windows, transpose(windows, {0, 1, 3, 2})});
  const ValueId weights = unary(add_node(scores), "XNNSoftmax");
  const ValueId mixed = add_node(make_node("XNNBatchMatrixMultiply", {weights, windows}));
  const ValueId apart = reshape(mixed, {1, rows, columns, side, side, channels});
  return reshape(transpose(apart, {0, 1, 3, 2, 4, 5}), image);
}

Result<GraphProgram> GraphBuilder::finish(ValueId output) {
  graph_.output = options_.channels_last ? output : transpose(output, kToPlanar);
  // XNNPACK reads a little beyond the end of a tensor.
  for (std::size_t i = 0; i < kWeightAlignment; ++i) weights_.push_back(0);
  auto file = map_values(weights_);
  if (!file) return fail(file.error());
  ProgramMethod method;
  method.name = "forward";
  method.inputs = {tensor_of(graph_.input_shape(), options_.channels_last)};
  method.outputs = {tensor_of(graph_.output_shape(), options_.channels_last)};
  method.graph = graph_;
  return GraphProgram{std::move(method), std::move(*file)};
}

}  // namespace sectile::internal::test
