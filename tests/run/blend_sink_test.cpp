// Tiles that agree give their own bits; what they disagree by is what a sum over all of them finds.
#include "src/run/blend_sink.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "src/plan/overlap.h"
#include "src/plan/plan_data.h"
#include "tests/image/faulty.h"

namespace sectile::internal {
namespace {

// A value that a tile gives: (row and column of the tile, band, y, x).
using TileValue =
    std::function<float(std::size_t, std::size_t, std::int64_t, std::int64_t, std::int64_t)>;

float value_at(std::int64_t band, std::int64_t y, std::int64_t x) {
  return std::sin(static_cast<float>(band * 31 + y * 7 + x)) - 0.25F;
}

PlanData plan_of(const TileAxis& y, const TileAxis& x, int bands) {
  PlanData plan;
  plan.mode = Mode::approximate;
  plan.rows = place_overlapping(y);
  plan.columns = place_overlapping(x);
  plan.output = {y.length, x.length};
  plan.window = Rect::of(plan.output);
  plan.output_image.size = plan.output;
  plan.output_image.bands = plan.network_bands = bands;
  plan.output_image.pixel_type = PixelType::f32;
  return plan;
}

PlanData small_plan(int bands = 2) {
  return plan_of({.length = 30, .tile = 12, .overlap = 4, .scale = {1, 1}},
                 {.length = 25, .tile = 10, .overlap = 3, .scale = {1, 1}}, bands);
}

// One row of tiles of the sheet.
std::vector<float> sheet_rows(const PlanData& plan, std::size_t row, const TileValue& value) {
  std::vector<float> pixels;
  const Range ys = plan.rows[row].output;
  for (std::int64_t band = 0; band < plan.output_image.bands; ++band) {
    for (std::int64_t y = ys.begin; y < ys.end; ++y) {
      for (std::size_t column = 0; column < plan.columns.size(); ++column) {
        const Range xs = plan.columns[column].output;
        for (auto x = xs.begin; x < xs.end; ++x) {
          pixels.push_back(value(row, column, band, y, x));
        }
      }
    }
  }
  return pixels;
}

Status write_sheet(const PlanData& plan, BlendSink& sink, const TileValue& value) {
  const PlanData sheet = sheet_plan(plan);
  for (std::size_t row = 0; row < plan.rows.size(); ++row) {
    auto status = sink.write(sheet.rows[row].output, sheet_rows(plan, row, value));
    if (!status) return status;
  }
  return sink.finish();
}

Disagreement blend(const PlanData& plan, MemorySink& image, const TileValue& value) {
  auto sink = BlendSink::create(plan, image, *OutputValues::create(plan, {}, image.info()));
  EXPECT_TRUE(sink);
  EXPECT_EQ((*sink)->info().size, sheet_plan(plan).output);
  EXPECT_TRUE(write_sheet(plan, **sink, value));
  return (*sink)->disagreement();
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

RC_GTEST_PROP(BlendSink, TilesThatAgreeGiveTheirOwnBits, ()) {
  const auto axis = [] {
    TileAxis any;
    any.tile = *rc::gen::inRange<std::int64_t>(2, 20);
    any.overlap = *rc::gen::inRange<std::int64_t>(0, any.tile / 2 + 1);
    any.length = *rc::gen::inRange<std::int64_t>(1, 70);
    return any;
  };
  const PlanData plan = plan_of(axis(), axis(), 2);
  MemorySink image(plan.output_image);
  const auto found = blend(plan, image, [](auto, auto, auto band, auto y, auto x) {
    return (x + y) % 5 == 0 ? -0.0F : value_at(band, y, x);
  });
  RC_ASSERT(image.finished());
  RC_ASSERT(found.rms == 0.0);
  RC_ASSERT(found.max == 0.0);
  std::size_t i = 0;
  for (std::int64_t band = 0; band < 2; ++band) {
    for (std::int64_t y = 0; y < plan.output.height; ++y) {
      for (std::int64_t x = 0; x < plan.output.width; ++x, ++i) {
        const float expected = (x + y) % 5 == 0 ? -0.0F : value_at(band, y, x);
        RC_ASSERT(same_bits(image.pixels()[i], expected));
      }
    }
  }
}

// Each tile has a level of its own. Everything by hand: the blend, and the least and the most of
// what the tiles gave.
TEST(BlendSink, BlendsAndMeasuresAsASumOverAllTilesDoes) {
  const PlanData plan = small_plan();
  const auto level = [](std::size_t row, std::size_t column, std::int64_t band, std::int64_t y,
                        std::int64_t x) {
    return value_at(band, y, x) +
           0.1F * static_cast<float>(row * row + 3 * column) * static_cast<float>(band + 1);
  };
  MemorySink image(plan.output_image);
  const Disagreement found = blend(plan, image, level);
  const Shares rows = blend_shares(plan.rows);
  const Shares columns = blend_shares(plan.columns);
  Disagreement expected;
  double squares = 0;
  std::size_t i = 0;
  for (std::int64_t band = 0; band < 2; ++band) {
    double least_of_all = 1e9;
    double most_of_all = -1e9;
    double band_squares = 0;
    double band_max = 0;
    for (std::int64_t y = 0; y < plan.output.height; ++y) {
      for (std::int64_t x = 0; x < plan.output.width; ++x, ++i) {
        double sum = 0;
        double least = 1e9;
        double most = -1e9;
        int tiles = 0;
        for (std::size_t r = 0; r < plan.rows.size(); ++r) {
          for (std::size_t c = 0; c < plan.columns.size(); ++c) {
            const Range ys = plan.rows[r].output;
            const Range xs = plan.columns[c].output;
            if (y < ys.begin || y >= ys.end || x < xs.begin || x >= xs.end) continue;
            const double value = level(r, c, band, y, x);
            sum += rows[r][static_cast<std::size_t>(y - ys.begin)] *
                   columns[c][static_cast<std::size_t>(x - xs.begin)] * value;
            least = std::min(least, value);
            most = std::max(most, value);
            ++tiles;
          }
        }
        ASSERT_NEAR(image.pixels()[i], sum, 1e-6);
        least_of_all = std::min(least_of_all, least);
        most_of_all = std::max(most_of_all, most);
        if (tiles < 2) continue;
        ++expected.values;
        band_squares += (most - least) * (most - least);
        band_max = std::max(band_max, most - least);
      }
    }
    const double range = most_of_all - least_of_all;
    squares += band_squares / (range * range);
    expected.max = std::max(expected.max, band_max / range);
  }
  EXPECT_EQ(found.values, expected.values);
  EXPECT_NEAR(found.rms, std::sqrt(squares / static_cast<double>(expected.values)), 1e-9);
  EXPECT_NEAR(found.max, expected.max, 1e-9);
  EXPECT_GT(found.max, found.rms);
}

TEST(BlendSink, ValuesThatAreNotFiniteCountAsTheWholeRange) {
  const PlanData plan = small_plan(1);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    MemorySink image(plan.output_image);
    // In the middle of what the first two tiles share, from one of them.
    const std::int64_t shared_x = plan.columns[1].output.begin + 1;
    const auto found =
        blend(plan, image, [&](std::size_t row, std::size_t column, auto, auto y, auto x) {
          return row == 0 && column == 0 && y == 0 && x == shared_x ? bad : value_at(0, y, x);
        });
    EXPECT_EQ(found.max, 1.0);
    EXPECT_NEAR(found.rms, std::sqrt(1.0 / static_cast<double>(found.values)), 1e-12);
    EXPECT_FALSE(std::isfinite(image.pixels()[static_cast<std::size_t>(shared_x)]));
  }
}

TEST(BlendSink, OneTileDisagreesWithNobody) {
  const PlanData plan = plan_of({.length = 12, .tile = 12, .overlap = 4, .scale = {1, 1}},
                                {.length = 7, .tile = 10, .overlap = 3, .scale = {1, 1}}, 1);
  MemorySink image(plan.output_image);
  const auto found =
      blend(plan, image, [](auto, auto, auto, auto y, auto x) { return value_at(0, y, x); });
  EXPECT_EQ(found.values, 0);
  EXPECT_EQ(found.rms, 0.0);
}

TEST(BlendSink, PassesErrorsOn) {
  const PlanData plan = small_plan();
  MemorySink image(plan.output_image);
  testing::FaultySink faulty(image, {.fail_at_call = 1});
  auto sink = BlendSink::create(plan, faulty, *OutputValues::create(plan, {}, faulty.info()));
  ASSERT_TRUE(sink);
  const auto status = write_sheet(plan, **sink, [](auto, auto, auto, auto, auto) { return 0.5F; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace sectile::internal
