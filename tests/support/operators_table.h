// docs/operators.md, made from the operators' rules, from what is refused of the test programs, and
// from the counts of the last recorded soak (tests/soak/counts.json).
#pragma once

#include <string>

namespace sectile::internal::test {

std::string operators_table();

}  // namespace sectile::internal::test
