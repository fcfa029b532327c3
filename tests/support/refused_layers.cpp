#include "tests/support/refused_layers.h"

#include <array>
#include <utility>
#include <vector>

namespace sectile::internal::test {

namespace {

// Each puts its layer behind `in` and returns what the graph goes on with.
struct RefusedLayer {
  const char* reason;
  ValueId (*add)(GraphBuilder& builder, ValueId in);
};

Node node_of(const char* op, std::vector<ValueId> inputs, Attributes attributes = {},
             std::uint32_t flags = 0) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.flags = flags;
  return node;
}

// An image of other rows and columns.
Shape sized(Shape image, std::int64_t rows, std::int64_t columns) {
  image.dims[1] = rows;
  image.dims[2] = columns;
  return image;
}
std::int64_t rows_of(const Shape& image) { return image.dims[1]; }
std::int64_t columns_of(const Shape& image) { return image.dims[2]; }

ValueId position(GraphBuilder& b, ValueId in) {
  return b.unchecked(node_of("XNNAdd", {in, b.constant(b.shape(in).dims)}), b.shape(in));
}

ValueId crop(GraphBuilder& b, ValueId in) {
  const Shape& image = b.shape(in);
  return b.unchecked(node_of("XNNStaticSlice", {in}, Slice{{0, 1, 0, 0}}),
                     sized(image, rows_of(image) / 2, columns_of(image)));
}

ValueId ceil_mode(GraphBuilder& b, ValueId in) {
  const Shape& image = b.shape(in);
  const Window window{3, 2, 1, 0, 1, 0};
  const auto length = [](std::int64_t rows) { return (rows + 1 - 3) / 2 + 1; };
  return b.unchecked(node_of("XNNAvgPooling2d", {in}, Pooling{{window, window}, true}),
                     sized(image, length(rows_of(image)), length(columns_of(image))));
}

ValueId stack_images(GraphBuilder& b, ValueId in) {
  const Shape& image = b.shape(in);
  return b.unchecked(node_of("XNNConcatenate2", {in, in}, Concat{1}),
                     sized(image, 2 * rows_of(image), columns_of(image)));
}

ValueId matrix_product(GraphBuilder& b, ValueId in) {
  return b.unchecked(node_of("XNNBatchMatrixMultiply", {in, in}), b.shape(in));
}

ValueId to_planar(GraphBuilder& b, ValueId in) {
  const auto& dims = b.shape(in).dims;
  return b.unchecked(node_of("XNNStaticTranspose", {in}, Transpose{{0, 3, 1, 2}}),
                     {{1, dims[3], dims[1], dims[2]}, 2, 3});
}

ValueId softmax_over_columns(GraphBuilder& b, ValueId in) {
  const ValueId planar = to_planar(b, in);
  const ValueId normal = b.unchecked(node_of("XNNSoftmax", {planar}), b.shape(planar));
  return b.unchecked(node_of("XNNStaticTranspose", {normal}, Transpose{{0, 2, 3, 1}}), b.shape(in));
}

ValueId softmax_over_pixels(GraphBuilder& b, ValueId in) {
  const Shape& image = b.shape(in);
  const Shape flat{{1, b.channels(in), rows_of(image) * columns_of(image)}, -1, -1};
  const ValueId list = b.unchecked(node_of("XNNStaticReshape", {to_planar(b, in)}), flat);
  const ValueId normal = b.unchecked(node_of("XNNSoftmax", {list}), flat);
  const ValueId planar =
      b.unchecked(node_of("XNNStaticReshape", {normal}), b.shape(to_planar(b, in)));
  return b.unchecked(node_of("XNNStaticTranspose", {planar}, Transpose{{0, 2, 3, 1}}), b.shape(in));
}

ValueId unknown_flags(GraphBuilder& b, ValueId in) {
  return b.unchecked(node_of("XNNAbs", {in}, {}, 0x400), b.shape(in));
}

ValueId mixed_layouts(GraphBuilder& b, ValueId in) {
  return b.unchecked(node_of("XNNAdd", {in, to_planar(b, in)}), b.shape(in));
}

ValueId padded_pixel(GraphBuilder& b, ValueId in) {
  const Window window{1, 1, 1, 1, 1, 0};
  return b.depthwise(in, {window, window}, 1);
}

constexpr std::array kLayers = {
    RefusedLayer{"varies over the image's rows or columns", position},
    RefusedLayer{"where a slice ends", crop},
    RefusedLayer{"ceil_mode", ceil_mode},
    RefusedLayer{"merges the image's rows and columns", softmax_over_pixels},
    RefusedLayer{"side by side", stack_images},
    RefusedLayer{"multiplies values of different pixels", matrix_product},
    RefusedLayer{"normalises over", softmax_over_columns},
    RefusedLayer{"ask for more than Sectile knows of", unknown_flags},
    RefusedLayer{"lie differently", mixed_layouts},
    RefusedLayer{"no part of it can be computed alone", padded_pixel},
};

}  // namespace

std::string add_refused_layer(RandomNumbers& random, GraphBuilder& builder, RandomLayers& layers) {
  const RefusedLayer& layer = random.pick(kLayers);
  layers.continue_from(layer.add(builder, layers.value()));
  return layer.reason;
}

}  // namespace sectile::internal::test
