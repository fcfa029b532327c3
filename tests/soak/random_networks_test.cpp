// Two hundred random networks through the library's front door. `make soak` runs any number.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/support/network_check.h"

namespace sectile::internal::test {
namespace {

constexpr std::uint64_t kNetworks = 200;

struct Counts {
  int exact = 0;
  int refused = 0;
  std::int64_t tiled = 0;
  std::int64_t streamed = 0;
};

Counts check_networks(std::uint64_t first, std::uint64_t count,
                      NetworkCheck (*check_one)(std::uint64_t seed)) {
  Counts counts;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const NetworkCheck check = check_one(seed);
    EXPECT_TRUE(check.outcome == Outcome::exact || check.outcome == Outcome::refused)
        << "seed " << seed << " " << to_string(check.outcome) << ": " << check.problem;
    counts.exact += check.outcome == Outcome::exact;
    counts.refused += check.outcome == Outcome::refused;
    counts.tiled += check.tiled;
    counts.streamed += check.streamed;
  }
  return counts;
}

TEST(RandomNetworks, GiveTheWholeImagesBitsInEveryPlanOrAreRefusedWithAReason) {
  const Counts counts =
      check_networks(1, kNetworks, [](std::uint64_t seed) { return check_network(seed); });
  // What makes the test worth its time.
  EXPECT_GT(counts.exact, 150);
  EXPECT_GT(counts.refused, 5);
  EXPECT_GT(counts.tiled, 500);
  EXPECT_GT(counts.streamed, 700);
}

TEST(RandomNetworks, GiveTheWholeImagesBitsInHalves) {
  const Counts counts = check_networks(1, kNetworks, check_network_in_halves);
  EXPECT_GT(counts.exact, 190);
  EXPECT_GT(counts.tiled, 700);
  EXPECT_GT(counts.streamed, 300);
}

TEST(RandomNetworks, AreTheSameForTheSameSeed) {
  const NetworkCheck one = check_network(3);
  const NetworkCheck two = check_network(3);
  EXPECT_EQ(one.tiled, two.tiled);
  EXPECT_EQ(one.streamed, two.streamed);
  EXPECT_EQ(one.refusals, two.refusals);
}

TEST(GeneralReason, LeavesOutNumbersPlacesAndShapes) {
  EXPECT_EQ(general_reason("[plan] the network cannot be streamed: node 12 (XNNConv2d): no part"),
            "the network cannot be streamed: XNNConv2d: no part");
  EXPECT_EQ(general_reason("its constant of shape 1x4x20x30 varies"),
            "its constant of shape N varies");
  EXPECT_EQ(general_reason("its flags 0x400 ask"), "its flags N ask");
  EXPECT_EQ(general_reason("XNNConcatenate2 at 7: inputs have 3 and 4 rows"),
            "XNNConcatenate2 at N: inputs have N and N rows");
}

}  // namespace
}  // namespace sectile::internal::test
