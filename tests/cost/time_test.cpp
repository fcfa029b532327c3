// What a run of a graph is said to take. How near that is to the truth is for `make calibrate` and
// `make bench-plans`.
#include "src/cost/time.h"

#include <gtest/gtest.h>

#include "src/base/system.h"
#include "src/cost/machine_model.h"
#include "src/graph/graph.h"
#include "src/transform/resize.h"
#include "tests/support/graph_builder.h"

namespace sectile::internal::test {
namespace {

const Window k1{};
constexpr std::int64_t kChannels = 16;

// One convolution of 16 to 16 channels, at so many pixels.
Graph convolution_over(Size size, Window window) {
  GraphBuilder builder({.seed = 1, .channels = kChannels, .size = {20, 30}, .channels_last = true});
  const auto program =
      builder.finish(builder.convolution(builder.image(), {window, window}, kChannels));
  EXPECT_TRUE(program);
  const auto resized = resize(program->graph(), size);
  EXPECT_TRUE(resized);
  return *resized;
}

TEST(Time, WorkGrowsWithThePixels) {
  const double small = network_work(convolution_over({20, 30}, k3));
  EXPECT_GE(small, 20.0 * 30 * 9 * kChannels * kChannels);
  EXPECT_EQ(network_work(convolution_over({40, 90}, k3)), 6 * small);
}

TEST(Time, OnlyWhatTheCacheDoesNotHoldIsTraffic) {
  EXPECT_EQ(traffic_seconds(convolution_over({20, 30}, k1)), 0);
  const std::int64_t bytes_per_row = 512 * 2 * kChannels * 4;
  const std::int64_t rows_in_cache = core_cache_bytes() / bytes_per_row;
  const Graph twice = convolution_over({2 * rows_in_cache, 512}, k1);
  const auto beyond = static_cast<double>(2 * rows_in_cache * bytes_per_row - core_cache_bytes());
  EXPECT_DOUBLE_EQ(traffic_seconds(twice), copying_seconds(beyond));
}

TEST(Time, TablesHaveAPointerForEachPixelOfAWindow) {
  EXPECT_EQ(indirection_seconds(convolution_over({20, 30}, k1)), 0);
  EXPECT_DOUBLE_EQ(indirection_seconds(convolution_over({20, 30}, k3)),
                   20 * 30 * 9 * kTimeModel.seconds_per_table_pointer);
}

}  // namespace
}  // namespace sectile::internal::test
