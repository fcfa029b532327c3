// RunOptions::on_event: each piece of work is told once, by the thread that did it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/run/pipeline_setup.h"

namespace sectile::internal {
namespace {

using Kind = RunEvent::Kind;

class EventsWith : public ::testing::TestWithParam<int> {
 protected:
  EventsWith() {
    runner_.workers = GetParam();
    runner_.options.on_event = [this](const RunEvent& event) { events_.push_back(event); };
  }

  std::vector<RunEvent> events_of(Kind kind) const {
    std::vector<RunEvent> found;
    std::ranges::copy_if(events_, std::back_inserter(found),
                         [&](const RunEvent& event) { return event.kind == kind; });
    return found;
  }

  FakeRunner runner_;
  std::vector<RunEvent> events_;
};
INSTANTIATE_TEST_SUITE_P(Workers, EventsWith, ::testing::Values(1, 3));

TEST_P(EventsWith, TellEachStripAndStepOnce) {
  ASSERT_TRUE(runner_.run());
  const PlanData plan = fake_plan(runner_.image, runner_.tile, GetParam());
  const auto read = events_of(Kind::strip_read);
  const auto written = events_of(Kind::strip_written);
  ASSERT_EQ(read.size(), plan.rows.size());
  ASSERT_EQ(written.size(), plan.rows.size());
  for (std::size_t i = 0; i < plan.rows.size(); ++i) {
    EXPECT_EQ(read[i].strip, static_cast<std::int64_t>(i));
    EXPECT_EQ(read[i].rows, plan.rows[i].input);
    EXPECT_EQ(written[i].strip, static_cast<std::int64_t>(i));
    EXPECT_EQ(written[i].rows, plan.rows[i].output);
    EXPECT_EQ(std::max(read[i].worker, written[i].worker), -1);
  }
  std::set<std::pair<std::int64_t, std::int64_t>> steps;
  for (const RunEvent& step : events_of(Kind::step_computed))
    steps.emplace(step.strip, step.column);
  EXPECT_EQ(std::ssize(steps), plan.steps());
  EXPECT_EQ(std::ssize(events_of(Kind::step_computed)), plan.steps());
  EXPECT_EQ(std::ssize(events_of(Kind::worker_begun)), GetParam());
}

TEST_P(EventsWith, SpansOfAThreadDoNotOverlap) {
  ASSERT_TRUE(runner_.run());
  std::map<std::pair<int, bool>, double> ends;  // of each worker, the reader, the writer
  for (const RunEvent& event : events_) {
    double& end = ends[{event.worker, event.kind == Kind::strip_written}];
    EXPECT_LE(end, event.begin_seconds);
    EXPECT_LE(event.begin_seconds, event.end_seconds);
    end = event.end_seconds;
  }
  EXPECT_EQ(static_cast<int>(ends.size()), GetParam() + 2);
}

TEST_P(EventsWith, DoNotTellOfWorkThatFailed) {
  runner_.network = [](const FakeRun& run) -> Status {
    if (run.program_run >= 3) return fail(ErrorCode::internal, "[fake] no");
    return fake_network()(run);
  };
  ASSERT_FALSE(runner_.run());
  EXPECT_EQ(events_of(Kind::step_computed).size(), 3U);
}

TEST_P(EventsWith, TurnExceptionsIntoErrors) {
  runner_.options.on_event = [](const RunEvent&) { throw std::runtime_error("no listener"); };
  const auto report = runner_.run();
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("no listener"), std::string::npos);
}

}  // namespace
}  // namespace sectile::internal
