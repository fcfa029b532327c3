// The builds whose purpose is to check (checked, asan, tsan) must not lose their assertions: their
// test presets set SECTILE_WANTS_ASSERTIONS.
#include <gtest/gtest.h>

#include <cassert>
#include <cstdlib>

namespace sectile::internal::test {
namespace {

bool assertions_run() {
  bool evaluated = false;
  assert((evaluated = true));
  return evaluated;
}

TEST(Assertions, RunWhereThePresetWantsThem) {
  if (std::getenv("SECTILE_WANTS_ASSERTIONS") == nullptr) GTEST_SKIP() << "not wanted here";
  EXPECT_TRUE(assertions_run());
}

}  // namespace
}  // namespace sectile::internal::test
