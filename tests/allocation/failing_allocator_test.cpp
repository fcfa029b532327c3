// From the opening of a model to the end of a run, every call returns an error when memory runs
// out: the n-th allocation of our own code fails, on whatever thread, for n from 0 on in growing
// steps.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/support/failing_allocations.h"

namespace sectile::internal {
namespace {

const std::string kModel = SECTILE_SOURCE_DIR "/tests/networks/programs/four_conv.pte";
const ImageInfo kImage{.size = {48, 40}, .bands = 1, .pixel_type = PixelType::f32};

// From the opening of the model to the end of the run. `sink` and `pixels` are there before.
Status plan_and_run(MemorySource& source, MemorySink& sink, Mode mode) {
  const auto model = Model::open(kModel);
  if (!model) return fail(model.error());
  const auto plan = make_plan(*model, kImage, {.threads = 2, .mode = mode});
  if (!plan) return fail(plan.error());
  const auto report = run(*model, *plan, source, sink);
  return report ? Status{} : Status(fail(report.error()));
}

class FailingAllocator : public testing::TestWithParam<Mode> {};

TEST_P(FailingAllocator, EndsEveryCallWithAnError) {
  const std::vector<float> pixels(static_cast<std::size_t>(kImage.size.area() * kImage.bands));
  MemorySource source(kImage, pixels);
  const auto model = Model::open(kModel);
  ASSERT_TRUE(model) << model.error().message;
  const auto plan = make_plan(*model, kImage, {.threads = 2, .mode = GetParam()});
  ASSERT_TRUE(plan) << plan.error().message;
  MemorySink sink(plan->output_info());
  ASSERT_TRUE(plan_and_run(source, sink, GetParam()));
  int errors = 0;
  std::int64_t n = 0;
  for (bool done = false; !done; n += 1 + n / 40) {
    Status status;
    {
      const test::OneFailingAllocation failing(n);
      status = plan_and_run(source, sink, GetParam());
      done = !failing.failed();
    }
    if (status) continue;
    ++errors;
    ASSERT_TRUE(status.error().code == ErrorCode::over_budget ||
                status.error().code == ErrorCode::internal)
        << status.error().message;
  }
  EXPECT_GT(errors, 50) << n;
}

INSTANTIATE_TEST_SUITE_P(Modes, FailingAllocator,
                         testing::Values(Mode::whole, Mode::tile, Mode::stream));

}  // namespace
}  // namespace sectile::internal
