// Statistics: what is computed from all pixels of an image. Stages of a run add them up
// (src/graph/passes/stages.h), so the nodes themselves run over a whole image alone.
#include <array>
#include <utility>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

Result<Shape> mean_shape(const NodeView& view, std::span<const Shape> inputs) {
  const Shape image = operators::as_image(inputs[0]);
  if (auto status = operators::require_image(image); !status) return fail(status.error());
  if (inputs[0].spatial() && !is_row_major_image(image)) {
    return fail(ErrorCode::not_exact, "it averages over each of several images");
  }
  if (view.node.clamp) return fail(ErrorCode::unsupported, "it clamps its averages");
  if (auto status = operators::floats_alone(view); !status) return fail(status.error());
  const auto [batch, channels] = std::pair{image.dims[0], image.dims[3]};
  const bool keeps_dims = (view.node.flags & kKeepDims) != 0;
  if (!keeps_dims) return Shape{{batch, channels}, -1, -1};
  return Shape{{batch, 1, 1, channels}, -1, -1};
}

double one_per_pixel(const NodeView& view) {
  return static_cast<double>(view.input(0).shape.elements());
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

constexpr std::array kRules = {mean_rule()};
}  // namespace

std::span<const OperatorRule> statistics_rules() { return kRules; }

}  // namespace sectile::internal
