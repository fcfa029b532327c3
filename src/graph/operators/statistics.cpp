// Statistics: what is computed from all pixels of an image. Stages of a run add them up
// (src/graph/passes/stages.h), so the nodes themselves run over a whole image alone.
#include <array>
#include <utility>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"
#include "src/graph/passes/whole_image_pools.h"

namespace sectile::internal {
namespace {

// A pool over all of the image always keeps them.
bool keeps_dims(const NodeView& view) {
  return view.node.op == kWholeImagePool || (view.node.flags & kKeepDims) != 0;
}

Result<Shape> mean_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape image = operators::as_image(inputs[0]);
  if (auto status = operators::require_image(image); !status) return fail(status.error());
  if (inputs[0].spatial() && !is_row_major_image(image)) {
    return fail(ErrorCode::not_exact, "it averages over each of several images");
  }
  if (view.node.clamp) return fail(ErrorCode::unsupported, "it clamps its averages");
  if (auto status = operators::floats_alone(view); !status) return fail(status.error());
  const auto [batch, channels] = std::pair{image.dims[0], image.dims[3]};
  if (!keeps_dims(view)) return Shape{{batch, channels}, -1, -1};
  return Shape{{batch, 1, 1, channels}, -1, -1};
}

double one_per_pixel(const NodeView& view) {
  return static_cast<double>(view.input(0).shape.elements());
}

void lower_pool(const NodeView& view, Graph& graph) {
  Node node = view.node;
  const Shape& image = view.input(0).shape;
  node.op = "XNNAvgPooling2d";
  const auto window_of = [](std::int64_t rows) { return Window{.kernel = rows, .stride = rows}; };
  node.attributes = Pooling{{window_of(image.dims[1]), window_of(image.dims[2])}};
  graph.nodes.push_back(std::move(node));
}

constexpr OperatorRule mean_rule() {
  OperatorRule rule =
      operators::pointwise_rule("XNNGlobalAvgPooling2d", kUnaryFormat, mean_shape,
                                "of f32 values over a whole image, in a pass of its own",
                                {.not_exact = BlockerReason::whole_image_pool,
                                 .unsupported = BlockerReason::whole_image_pool});
  rule.cost = one_per_pixel;
  rule.memory = operators::no_memory;
  rule.crop = {};
  rule.statistic = Statistic::mean;
  return rule;
}

constexpr OperatorRule pool_rule() {
  OperatorRule rule = mean_rule();
  rule.op = kWholeImagePool;
  rule.format = nullptr;
  rule.limits = "not XNNPACK's: an average pool over all of the image";
  rule.statistic = Statistic::pool;
  rule.lower = lower_pool;
  return rule;
}

constexpr std::array kRules = {mean_rule(), pool_rule()};
}  // namespace

std::span<const OperatorRule> statistics_rules() { return kRules; }

}  // namespace sectile::internal
