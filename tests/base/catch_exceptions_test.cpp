#include "src/base/catch_exceptions.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "tests/support/failing_allocations.h"

namespace sectile::internal {
namespace {

template <typename Thrown>
Error error_after(const Thrown& thrown) {
  const Status status = catch_exceptions("[load]", [&]() -> Status { throw thrown; });
  return status ? Error{} : status.error();
}

TEST(CatchExceptions, ReturnsWhatTheFunctionReturns) {
  EXPECT_EQ(catch_exceptions("[load]", []() -> Result<int> { return 7; }).value(), 7);
  const auto failed = catch_exceptions(
      "[load]", []() -> Result<int> { return fail(ErrorCode::corrupt, "damaged"); });
  EXPECT_EQ(failed.error().code, ErrorCode::corrupt);
  EXPECT_EQ(failed.error().message, "damaged");
}

TEST(CatchExceptions, NamesWhatWasThrown) {
  const Error error = error_after(std::runtime_error("no reason"));
  EXPECT_EQ(error.code, ErrorCode::internal);
  EXPECT_EQ(error.message, "[load] unexpected exception: no reason");
  EXPECT_EQ(error_after(7).code, ErrorCode::internal);
  EXPECT_EQ(error_after(7).message, "[load] unexpected exception of an unknown type");
}

TEST(CatchExceptions, GivesLackOfMemoryACodeOfItsOwn) {
  const Error error = error_after(std::bad_alloc());
  EXPECT_EQ(error.code, ErrorCode::over_budget);
  EXPECT_EQ(error.message, "[load] out of memory");
}

// Neither for the message of a std::bad_alloc nor for that of another exception.
TEST(CatchExceptions, NeedsNoMemory) {
  const std::runtime_error thrown("a reason that fits into no small string");
  const test::FailingAllocations none(0);
  const Error without_memory = error_after(std::bad_alloc());
  const Error other = error_after(thrown);
  const bool failed = none.failed();
  EXPECT_EQ(without_memory.code, ErrorCode::over_budget);
  EXPECT_EQ(without_memory.message, "out of memory");
  EXPECT_EQ(other.code, ErrorCode::over_budget);
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace sectile::internal
