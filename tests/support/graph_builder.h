// GraphBuilder: makes a graph node by node, with random weights in a file of their own.
//
// Values are images of [1, rows, columns, channels]. Each function appends the nodes of one layer
// and returns the layer's output, whose shape Sectile's own rules derive: what they get wrong,
// ExecuTorch refuses.
//
// Thread safety: for one thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/graph_run.h"

namespace sectile::internal::test {

// Of a 3x3 convolution that keeps the image's size.
inline constexpr Window k3{3, 1, 1, 1, 1, 0};

struct BuilderOptions {
  std::uint64_t seed = 0;
  std::int64_t channels = 1;
  Size size;                   // at which the graph is "exported"
  bool positive = false;       // weights above zero; else around it
  bool channels_last = false;  // else a transpose stands at each end, as exporters put them
};

class GraphBuilder {
 public:
  explicit GraphBuilder(const BuilderOptions& options);

  ValueId image() const { return image_; }
  const Shape& shape(ValueId id) const { return graph_.shape(id); }
  std::int64_t channels(ValueId id) const { return shape(id).dims[3]; }
  // Empty when every layer so far was one that the operators' rules accept.
  const std::string& problem() const { return problem_; }

  // REQUIRES: `groups` divides both numbers of channels.
  ValueId convolution(ValueId in, const Windows& windows, std::int64_t out_channels,
                      std::int64_t groups = 1);
  ValueId depthwise(ValueId in, const Windows& windows, std::int64_t multiplier);
  ValueId transposed_convolution(ValueId in, const Windows& windows, std::int64_t out_channels,
                                 std::int64_t groups = 1);
  ValueId max_pool(ValueId in, const Windows& windows, bool ceil_mode = false);
  ValueId avg_pool(ValueId in, const Windows& windows);
  ValueId unary(ValueId in, const std::string& op, Attributes attributes = {});
  ValueId relu(ValueId in);
  ValueId binary(ValueId a, ValueId b, const std::string& op);
  // A value and a constant of these dims, or the constant first.
  ValueId with_constant(ValueId in, const std::string& op, std::vector<std::int64_t> dims,
                        bool constant_first = false);
  ValueId times_constant(ValueId in);  // one number per channel
  ValueId concat(ValueId a, ValueId b) { return concat(std::vector<ValueId>{a, b}); }
  // REQUIRES: two to five of them.
  ValueId concat(const std::vector<ValueId>& parts);
  ValueId pad(ValueId in, const Window& y, const Window& x, float value,
              std::int64_t more_channels = 0);
  ValueId drop_first(ValueId in, std::int64_t rows, std::int64_t columns);
  ValueId drop_last(ValueId in, std::int64_t rows, std::int64_t columns);
  ValueId keep_channels(ValueId in, std::int64_t first, std::int64_t count);
  // Rows and columns times num / den. REQUIRES: they can be divided by den.
  ValueId bilinear(ValueId in, Ratio y, Ratio x, bool align_corners = false);
  // REQUIRES: factor squared divides the channels.
  ValueId pixel_shuffle(ValueId in, std::int64_t factor);
  // REQUIRES: factor divides rows and columns.
  ValueId pixel_unshuffle(ValueId in, std::int64_t factor);
  // Attention in windows of side x side pixels, each with itself. REQUIRES: side divides rows and
  // columns.
  ValueId window_attention(ValueId in, std::int64_t side);
  // The mean of each channel, [1, 1, 1, channels].
  ValueId mean(ValueId in);
  // A mean, or what is made of one, as an image of as many rows and columns as `like` has.
  ValueId spread(ValueId like, ValueId mean);
  // Has the last layer clamp its output.
  void clamp_last(OutputClamp clamp) { graph_.nodes.back().clamp = clamp; }
  ValueId constant(std::vector<std::int64_t> dims) { return add_constant(std::move(dims), 1); }
  // A layer that Sectile need not accept, whose output an exporter would give this shape.
  ValueId unchecked(Node node, Shape output);

  // Errors: io (the file of the weights). REQUIRES: no problem.
  Result<GraphProgram> finish(ValueId output);

 private:
  ValueId add_value(Shape shape);
  ValueId add_constant(std::vector<std::int64_t> dims, std::int64_t fan_in);
  ValueId add_node(Node node);
  // For operators whose exported output shape decides.
  ValueId add_node(Node node, std::vector<std::int64_t> dims);
  ValueId transpose(ValueId in, std::vector<std::int64_t> perm);
  ValueId reshape(ValueId in, std::vector<std::int64_t> dims);
  ValueId pool(ValueId in, const std::string& op, Pooling pooling);
  ValueId drop(ValueId in, std::int64_t rows, std::int64_t columns, Slice slice);
  float random_weight(std::int64_t fan_in);

  BuilderOptions options_;
  std::mt19937_64 engine_;
  Graph graph_;
  ValueId image_ = kNoValue;
  std::vector<float> weights_;
  std::string problem_;
};

}  // namespace sectile::internal::test
