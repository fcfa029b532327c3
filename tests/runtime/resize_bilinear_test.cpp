#include "src/runtime/resize_bilinear.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>

#include "tests/support/graph_builder.h"
#include "tests/support/graph_run.h"

namespace sectile::internal::test {
namespace {

// A network of one resize, as XNNPACK computes it.
struct Whole {
  Tensor input;
  Tensor output;
};

struct Resized {
  Size size;
  std::int64_t channels = 1;
  Ratio y;
  Ratio x;
  bool align_corners = false;
};

Whole run_whole(const Resized& resized) {
  GraphBuilder builder({1, resized.channels, resized.size, false, true});
  const ValueId out =
      builder.bilinear(builder.image(), resized.y, resized.x, resized.align_corners);
  const auto program = builder.finish(out);
  auto run = GraphRun::load(*program, resized.size);
  Whole whole;
  whole.input = Tensor::random(run->input(), 3, -1, 1);
  whole.output = *run->run(whole.input);
  return whole;
}

ResizedAxis axis_of(std::int64_t input, std::int64_t output, Range part, Range made) {
  return {input, output, part.begin, made.begin, 1, 1};
}

// Rows and columns of `made` from all rows of the image but those of no use to them, by the kernel.
std::vector<float> run_part(const Resized& resized, const Whole& whole, Rect made, Position at) {
  const Size in = whole.input.spec.size;
  const Size out = whole.output.spec.size;
  const Rect all = Rect::of(in);
  ResizedPart part{resized.align_corners, axis_of(in.height, out.height, all.y, made.y),
                   axis_of(in.width, out.width, all.x, made.x)};
  // As a program that stands further up and further left holds it.
  part.rows.first_input -= at.row;
  part.rows.first_output -= at.row * out.height / in.height;
  part.columns.first_input -= at.column;
  part.columns.first_output -= at.column * out.width / in.width;
  const auto read = ResizedPart::of(part.numbers());
  RC_ASSERT(read == part);
  std::vector<float> values(static_cast<std::size_t>(made.area() * resized.channels));
  resize_bilinear(*read, at, resized.channels, in, whole.input.values.data(), made.size(),
                  values.data());
  return values;
}

Range range_within(std::int64_t length) {
  const auto begin = *rc::gen::inRange<std::int64_t>(0, length);
  return {begin, *rc::gen::inRange<std::int64_t>(begin + 1, length + 1)};
}

Resized any_resize() {
  Resized resized;
  resized.channels = *rc::gen::inRange<std::int64_t>(1, 20);
  resized.y = {*rc::gen::inRange<std::int64_t>(1, 6), *rc::gen::inRange<std::int64_t>(1, 6)};
  resized.x = {*rc::gen::inRange<std::int64_t>(1, 6), *rc::gen::inRange<std::int64_t>(1, 6)};
  resized.align_corners = *rc::gen::arbitrary<bool>();
  resized.size = {*rc::gen::inRange<std::int64_t>(1, 12) * resized.y.den,
                  *rc::gen::inRange<std::int64_t>(1, 60) * resized.x.den};
  return resized;
}

RC_GTEST_PROP(ResizeBilinearProperty, PartsHaveTheBitsOfXnnpacksWhole, ()) {
  const Resized resized = any_resize();
  const Whole whole = run_whole(resized);
  const Size out = whole.output.spec.size;
  const Rect made{range_within(out.height), range_within(out.width)};
  const Position at{*rc::gen::inRange<std::int64_t>(0, 4) * resized.y.den,
                    *rc::gen::inRange<std::int64_t>(0, 4) * resized.x.den};
  const std::vector<float> values = run_part(resized, whole, made, at);
  const std::vector<float> expected = whole.output.cut(made).values;
  RC_ASSERT(values.size() == expected.size());
  RC_ASSERT(std::memcmp(values.data(), expected.data(), values.size() * sizeof(float)) == 0);
}

TEST(ResizedPart, IsReadFromSaneNumbersAlone) {
  const ResizedPart part{true, {8, 16, 0, 0, 1, 2}, {8, 16, -3, -6, 1, 1}};
  EXPECT_EQ(ResizedPart::of(part.numbers()), part);
  EXPECT_FALSE(ResizedPart::of({}));
  for (std::size_t i = 1; i < part.numbers().size(); ++i) {
    for (const std::int64_t wrong : {std::int64_t{1} << 40, -(std::int64_t{1} << 40)}) {
      std::vector<std::int64_t> numbers = part.numbers();
      numbers[i] = wrong;
      EXPECT_FALSE(ResizedPart::of(numbers)) << i;
    }
  }
  for (const std::size_t positive : {1U, 2U, 5U, 6U, 7U, 8U, 11U, 12U}) {
    std::vector<std::int64_t> numbers = part.numbers();
    numbers[positive] = 0;
    EXPECT_FALSE(ResizedPart::of(numbers)) << positive;
  }
}

}  // namespace
}  // namespace sectile::internal::test
