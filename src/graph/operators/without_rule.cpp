// Operators of XNNPACK that Sectile has no rule for, and why.
#include <algorithm>
#include <array>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {
struct WithoutRule {
  std::string_view op;
  std::string_view why;
};

constexpr std::array kOperators = {
    WithoutRule{"XNNFullyConnected",
                "its weights fit one image size, or it is a 1x1 convolution: export it as one"},
    WithoutRule{"XNNArgMaxPooling2d", "it makes positions, not values of an image"}};
}  // namespace

std::string_view why_no_rule(std::string_view op) {
  const auto found = std::ranges::find(kOperators, op, &WithoutRule::op);
  return found == kOperators.end() ? "it is newer than Sectile" : found->why;
}

}  // namespace sectile::internal
