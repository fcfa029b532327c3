// ELU: x where x is above 0, and alpha * (exp(x) - 1) below.
#include <array>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {

constexpr auto kFields = [](auto& io, auto& table, auto& elu) {
  io.ends(table);
  io.field(table.alpha, elu.alpha);
};

constexpr NodeFormat kFormat = node_format<fb_xnnpack::XNNELUT, Elu, kFields>();

constexpr std::array kRules = {operators::pointwise_rule("XNNELU", kFormat)};
}  // namespace

std::span<const OperatorRule> elu_rules() { return kRules; }

}  // namespace sectile::internal
