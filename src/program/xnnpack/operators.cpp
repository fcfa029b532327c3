#include "runtime_schema_generated.h"
#include "src/program/read_program.h"

namespace sectile::internal {

std::vector<std::string> format_operators() {
  std::vector<std::string> names;
  for (const auto kind : fb_xnnpack::EnumValuesXNodeUnion()) {
    if (kind != fb_xnnpack::XNodeUnion::NONE) names.emplace_back(EnumNameXNodeUnion(kind));
  }
  return names;
}

}  // namespace sectile::internal
