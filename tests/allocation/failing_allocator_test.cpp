// Every public function returns an error when memory runs out: the n-th allocation of our own code
// fails, for each n.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "tests/support/sanitizers.h"

namespace {

// Below 0: none fails.
std::atomic<std::int64_t> allocations_left{-1};

// ExecuTorch's own code is not under test.
bool is_ours(const void* caller) {
  static const void* const here = [] {
    Dl_info info{};
    dladdr(reinterpret_cast<const void*>(&is_ours), &info);
    return const_cast<const void*>(info.dli_fbase);
  }();
  Dl_info info{};
  return dladdr(caller, &info) != 0 && info.dli_fbase == here;
}

void* allocate(std::size_t bytes, const void* caller) {
  if (allocations_left.load() >= 0 && is_ours(caller) && allocations_left.fetch_sub(1) == 0) {
    return nullptr;
  }
  return std::malloc(bytes == 0 ? 1 : bytes);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  void* block = allocate(bytes, __builtin_return_address(0));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
// Not inlined: the compiler would take free() beside new for a mistake.
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace sectile::internal {
namespace {

const std::string kModel = SECTILE_SOURCE_DIR "/tests/networks/programs/four_conv.pte";
constexpr ImageInfo kImage{.size = {48, 40}, .bands = 1, .pixel_type = PixelType::f32};

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
    allocations_left = n;
    const Status status = plan_and_run(source, sink, GetParam());
    done = allocations_left.exchange(-1) >= 0;  // none failed
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
