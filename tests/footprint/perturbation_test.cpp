// The derived footprint against what changing pixels finds in real programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "src/footprint/tileability.h"
#include "tests/footprint/found_reach.h"
#include "tests/support/network_programs.h"

namespace sectile::internal {

// For the failure messages of GoogleTest, which looks for it beside the type.
void PrintTo(const Reach& reach, std::ostream* out) {
  *out << "top " << reach.top << ", left " << reach.left << ", bottom " << reach.bottom
       << ", right " << reach.right;
}

namespace test {
namespace {

// Networks with the reach that their layers define must be at least this many, or the list beside
// the programs has lost its marks.
constexpr int kLeastPositiveNetworks = 12;

// A resize that leaves rows as they are, or picks single ones, still mixes in the next row with
// the weight 0, which can turn a -0 into a 0. With align_corners the row above is mixed in at some
// sizes alone. The derived reach counts those rows; no change of a number shows them at this size.
bool counts_one_more(const std::string& name) {
  return name == "bilinear_up2_wide_positive" || name == "bilinear_down3_positive" ||
         name.find("aligned") != std::string::npos;
}

Reach derived_reach(const Footprint& footprint) {
  return {footprint.y.reach_before, footprint.x.reach_before, footprint.y.reach_after,
          footprint.x.reach_after};
}

Result<Reach> find_reach(const NetworkProgram& network, const GraphProgram& program,
                         const Footprint& footprint) {
  if (!network.positive) return find_reach(program, footprint, kSmallChange);
  const auto found = find_reach(program, footprint, kHugeChange);
  return found ? found : find_reach(program, footprint, kLargeChange);
}

void expect_within(const Reach& found, const Reach& derived) {
  EXPECT_LE(found.top, derived.top);
  EXPECT_LE(found.left, derived.left);
  EXPECT_LE(found.bottom, derived.bottom);
  EXPECT_LE(found.right, derived.right);
}

void check(const NetworkProgram& network, const Program& program, const ProgramMethod& method) {
  ASSERT_TRUE(method.graph);
  ASSERT_TRUE(check_tileable(*method.graph).blockers.empty());
  const Footprint footprint = derive_footprint(*method.graph);
  const auto found = find_reach(network, {method, program.file}, footprint);
  ASSERT_TRUE(found) << found.error().message;
  expect_within(*found, derived_reach(footprint));
  if (network.positive && !counts_one_more(network.name)) {
    EXPECT_EQ(*found, derived_reach(footprint));
  }
}

TEST(Perturbation, FindsNoMoreThanTheDerivedReachAndAllOfItWhereWeightsArePositive) {
  for (const NetworkProgram& network : local_programs()) {
    SCOPED_TRACE(network.name);
    const Program program = read_network(network);
    for (const ProgramMethod& method : program.methods) check(network, program, method);
  }
}

TEST(Perturbation, KnowsEnoughPositiveNetworks) {
  EXPECT_GE(std::ranges::count_if(local_programs(), &NetworkProgram::positive),
            kLeastPositiveNetworks);
}

}  // namespace
}  // namespace test
}  // namespace sectile::internal
