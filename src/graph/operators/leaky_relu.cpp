// Leaky ReLU: x where x is above 0, and a part of it below.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

constexpr auto kFields = [](auto& io, auto& table, auto& leaky) {
  io.ends(table);
  io.field(table.negative_slope, leaky.negative_slope);
};

constexpr NodeFormat kFormat = node_format<fb_xnnpack::XNNLeakyReLUT, LeakyRelu, kFields>();

constexpr std::array kRules = {operators::pointwise_rule("XNNLeakyReLU", kFormat)};
}  // namespace

std::span<const OperatorRule> leaky_relu_rules() { return kRules; }

}  // namespace sectile::internal
