// Operators of XNNPACK that Sectile names and follows through the graph, and does not cut: they
// have no rule. A program that has one can still be run as exported.
#include <array>

#include "src/graph/operators/families.h"
#include "src/graph/operators/node_format.h"

namespace sectile::internal {
namespace {
namespace fb = fb_xnnpack;

constexpr auto kArgMaxPooling = [](auto& io, auto& table, auto&) {
  io.input(table.input_id);
  io.output(table.output_value_id);
  io.flags(table.flags);
};

constexpr NodeFormat kArgMaxPoolingFormat =
    node_format<fb::XNNArgMaxPooling2dT, std::monostate, kArgMaxPooling>(0);

constexpr OperatorRule without_rule(std::string_view op, const NodeFormat& format,
                                    std::string_view why, BlockerReason reason) {
  return {.op = op,
          .format = &format,
          .limits = why,
          .verdict = Verdict::unsupported,
          .refusals = {.unsupported = reason}};
}

constexpr std::array kRules = {without_rule("XNNArgMaxPooling2d", kArgMaxPoolingFormat,
                                            "it makes positions, not values of an image",
                                            BlockerReason::other)};
}  // namespace

std::span<const OperatorRule> without_rule_rules() { return kRules; }

}  // namespace sectile::internal
