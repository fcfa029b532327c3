#include "src/run/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "src/plan/plan_data.h"
#include "src/plan/run_memory.h"
#include "tests/image/faulty.h"
#include "tests/run/pipeline_setup.h"

namespace sectile::internal {
namespace {

using std::chrono_literals::operator""us;
using testing::Faults;
using testing::FaultySink;
using testing::FaultySource;

int threads_of_this_process() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return -1;
}

// The system may still count a thread for a moment after it was joined.
int threads_after(int expected) {
  int threads = threads_of_this_process();
  for (int i = 0; i < 1000 && threads != expected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    threads = threads_of_this_process();
  }
  return threads;
}

auto faulty_source(Faults faults) {
  return [faults](ImageSource& inner) { return std::make_unique<FaultySource>(inner, faults); };
}
auto faulty_sink(Faults faults) {
  return [faults](ImageSink& inner) { return std::make_unique<FaultySink>(inner, faults); };
}

// A network that takes a random time.
FakeFunction slowly(FakeFunction network, std::chrono::microseconds longest) {
  return [=](const FakeRun& run) -> Status {
    std::mt19937 random(static_cast<std::uint32_t>(run.program_run));
    std::uniform_int_distribution<std::int64_t> wait(0, longest.count());
    std::this_thread::sleep_for(std::chrono::microseconds(wait(random)));
    return network(run);
  };
}

void expect_result(FakeRunner& runner) {
  runner.network = slowly(fake_network(runner.image.scale), 0us);
  const auto report = runner.run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(runner.pixels, fake_result(runner.image));
  EXPECT_TRUE(runner.finished);
}

// ---- the same output, always

TEST(Pipeline, GivesTheWholeImagesResultForAllTileSizes) {
  for (const Size tile : {Size{3, 3}, {4, 29}, {37, 5}, {12, 10}, {37, 29}, {100, 100}}) {
    FakeRunner runner;
    runner.tile = tile;
    expect_result(runner);
  }
}

TEST(Pipeline, ServesBothLayoutsAndLargerOutputs) {
  for (const Layout layout : {Layout::planar, Layout::interleaved}) {
    for (const std::int64_t scale : {1, 2, 3}) {
      FakeRunner runner;
      runner.image.layout = layout;
      runner.image.scale = scale;
      runner.image.bands = 3;
      expect_result(runner);
    }
  }
}

TEST(Pipeline, RepeatsTheEdgeOfAnExtendedImageAndCropsTheOutput) {
  for (const Size size : {Size{37, 29}, {33, 29}, {1, 1}, {40, 25}}) {
    FakeRunner runner;
    runner.image.size = size;
    runner.image.extended = {40, 32};
    runner.tile = {16, 12};
    expect_result(runner);
  }
}

TEST(Pipeline, RunsImagesOfOnePixelOneRowAndOneColumn) {
  for (const Size size : {Size{1, 1}, {1, 40}, {40, 1}}) {
    FakeRunner runner;
    runner.image.size = runner.image.extended = size;
    expect_result(runner);
  }
}

TEST(Pipeline, DoesNotDependOnWorkersOrTiming) {
  for (int workers = 1; workers <= 8; ++workers) {
    for (std::uint32_t seed = 0; seed < 4; ++seed) {
      FakeRunner runner;
      runner.workers = workers;
      runner.tile = {6, 9};
      runner.wrap_source = faulty_source({.longest_wait = 300us, .seed = seed});
      runner.wrap_sink = faulty_sink({.longest_wait = 300us, .seed = seed + 100});
      runner.network = slowly(fake_network(), 400us);
      const auto report = runner.run();
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_EQ(runner.pixels, fake_result(runner.image)) << workers << " workers, seed " << seed;
      EXPECT_TRUE(runner.finished);
    }
  }
}

TEST(Pipeline, HandsIntegerSinksTheOutputTimesTheirMaximum) {
  const FakeImage image{{2, 3}, {2, 3}, 1};
  PlanData plan = fake_plan(image, {2, 3}, 1);
  plan.output_image.pixel_type = PixelType::u8;
  const std::vector<float> input(6, 0.5F);
  ImageInfo info = plan.output_image;
  info.pixel_type = PixelType::f32;
  MemorySource source(info, input);
  MemorySink sink(plan.output_image);
  FakeProgram program([](const FakeRun& run) -> Status {
    std::ranges::copy(run.input, run.output.begin());
    return {};
  });
  const TensorSpec spec{1, {2, 3}, Layout::planar};
  PipelineState state;
  const PipelineSetup setup{
      plan, tile_workers({}, [&] { return program.load("tile", spec, spec, Threading::caller); })};
  ASSERT_TRUE(run_pipeline(setup, state, source, sink, {}));
  for (const float pixel : sink.pixels()) EXPECT_TRUE(pixel == 127.5F || pixel == 128) << pixel;
}

TEST(Pipeline, KeepsWorkersForASecondRun) {
  const FakeImage image;
  const PlanData plan = fake_plan(image, {12, 10}, 3);
  const auto input = fake_pixels(image);
  ImageInfo info = plan.output_image;
  info.size = image.size;
  MemorySource source(info, input);
  FakeProgram program(fake_network());
  const TensorSpec spec{image.bands, plan.tile, Layout::planar};
  const PipelineSetup setup{
      plan, tile_workers({}, [&] { return program.load("tile", spec, spec, Threading::caller); })};
  PipelineState state;
  for (int i = 0; i < 3; ++i) {
    MemorySink sink(plan.output_image);
    ASSERT_TRUE(run_pipeline(setup, state, source, sink, {}));
    EXPECT_EQ(std::vector<float>(sink.pixels().begin(), sink.pixels().end()), fake_result(image));
  }
  EXPECT_EQ(program.counts().loads, 3);
}

// ---- errors

void expect_error(FakeRunner& runner, ErrorCode code, const std::string& part) {
  const int threads_before = threads_of_this_process();
  const auto report = runner.run();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, code) << report.error().message;
  EXPECT_NE(report.error().message.find(part), std::string::npos) << report.error().message;
  EXPECT_FALSE(runner.finished);
  EXPECT_EQ(runner.live_sessions, 0);
  EXPECT_EQ(threads_after(threads_before), threads_before);
}

class PipelineWith : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, PipelineWith, ::testing::Values(1, 2, 5));

TEST_P(PipelineWith, EndsWithTheSourcesError) {
  for (const std::int64_t call : {0, 1, 3}) {
    FakeRunner runner;
    runner.workers = GetParam();
    runner.wrap_source = faulty_source({.fail_at_call = call, .longest_wait = 200us});
    expect_error(runner, ErrorCode::io, "[read] faulty");
  }
}

TEST_P(PipelineWith, EndsWithTheSinksError) {
  for (const std::int64_t call : {0, 1, 2}) {
    FakeRunner runner;
    runner.workers = GetParam();
    runner.wrap_sink = faulty_sink({.fail_at_call = call, .longest_wait = 200us});
    expect_error(runner, ErrorCode::io, "[write] faulty");
  }
}

TEST_P(PipelineWith, EndsWithTheErrorOfFinishing) {
  FakeRunner runner;
  runner.workers = GetParam();
  const auto bands = static_cast<std::int64_t>(fake_plan(runner.image, runner.tile, 1).rows.size());
  runner.wrap_sink = faulty_sink({.fail_at_call = bands});
  expect_error(runner, ErrorCode::io, "[finish] faulty");
}

// The band that it fails in is never done, so nobody gets further than the bands held at a time.
TEST_P(PipelineWith, EndsWithTheNetworksError) {
  for (const int failing : {0, 1, 7}) {
    FakeRunner runner;
    runner.image.size = runner.image.extended = {200, 29};
    runner.workers = GetParam();
    const auto columns = std::ssize(fake_plan(runner.image, runner.tile, runner.workers).columns);
    const std::int64_t failing_band = (failing + runner.workers - 1) / columns;
    runner.network = [=](const FakeRun& run) -> Status {
      if (run.program_run == failing) return fail(ErrorCode::internal, "[fake] told to fail");
      return fake_network()(run);
    };
    expect_error(runner, ErrorCode::internal, "told to fail");
    EXPECT_LE(runner.runs, (failing_band + kTileStrips) * columns);
  }
}

TEST_P(PipelineWith, EndsWithTheErrorOfLoadingASession) {
  FakeRunner runner;
  runner.workers = GetParam();
  runner.on_load = [&](int session, const std::string&) -> Status {
    if (session == GetParam() - 1) return fail(ErrorCode::over_budget, "[fake] no memory");
    return {};
  };
  expect_error(runner, ErrorCode::over_budget, "no memory");
}

TEST_P(PipelineWith, TurnsExceptionsOfTheCallersCodeIntoErrors) {
  FakeRunner runner;
  runner.workers = GetParam();
  runner.options.on_progress = [](const Progress&) { throw std::runtime_error("no terminal"); };
  expect_error(runner, ErrorCode::internal, "no terminal");
  runner.options.on_progress = [](const Progress&) { throw 1; };
  expect_error(runner, ErrorCode::internal, "exception");
}

TEST(Pipeline, RefusesImagesThatAreNotThePlans) {
  const PlanData plan = fake_plan(FakeImage{}, {12, 10}, 1);
  const auto is_refused = [&](const std::function<void(ImageInfo&)>& change_source,
                              const std::function<void(ImageInfo&)>& change_sink) {
    ImageInfo source = plan.input_image;
    ImageInfo sink = plan.output_image;
    change_source(source);
    change_sink(sink);
    const auto status = check_ends(plan, source, sink);
    return !status && status.error().code == ErrorCode::invalid_argument;
  };
  const auto as_planned = [](ImageInfo&) {};
  const std::vector<std::function<void(ImageInfo&)>> changes{
      [](ImageInfo& info) { --info.size.height; }, [](ImageInfo& info) { ++info.size.width; },
      [](ImageInfo& info) { ++info.bands; },
      [](ImageInfo& info) { info.pixel_type = PixelType::u16; }};
  EXPECT_FALSE(is_refused(as_planned, as_planned));
  for (const auto& change : changes) {
    EXPECT_TRUE(is_refused(change, as_planned));
    EXPECT_TRUE(is_refused(as_planned, change));
  }
}

// ---- stop and progress

TEST_P(PipelineWith, StopsWithinOneTile) {
  std::atomic<bool> stop = false;
  FakeRunner runner;
  runner.workers = GetParam();
  runner.tile = {6, 6};
  runner.options.stop = &stop;
  runner.network = [&](const FakeRun& run) -> Status {
    if (run.program_run == 4) stop = true;
    return fake_network()(run);
  };
  expect_error(runner, ErrorCode::cancelled, "stopped");
  EXPECT_LE(runner.runs, 5 + GetParam());  // each worker may be in the middle of one
}

TEST_P(PipelineWith, DoesNothingWhenItIsStoppedBefore) {
  const std::atomic<bool> stop = true;
  FakeRunner runner;
  runner.workers = GetParam();
  runner.options.stop = &stop;
  expect_error(runner, ErrorCode::cancelled, "stopped");
  EXPECT_EQ(runner.runs, 0);
}

TEST_P(PipelineWith, CountsTheLanesUpToTheirNumber) {
  FakeRunner runner;
  runner.workers = GetParam();
  std::vector<Progress> told;
  runner.options.on_progress = [&](const Progress& progress) { told.push_back(progress); };
  ASSERT_TRUE(runner.run());
  const std::int64_t lanes = fake_plan(runner.image, runner.tile, 1).lanes();
  ASSERT_EQ(std::ssize(told), lanes);
  for (std::int64_t i = 0; i < lanes; ++i) {
    EXPECT_EQ(told[static_cast<std::size_t>(i)].steps_done, i + 1);
    EXPECT_EQ(told[static_cast<std::size_t>(i)].steps_total, lanes);
  }
}

// ---- reading ahead and writing behind

// Something that has happened, or not in a very long time.
class Event {
 public:
  void happen() {
    const std::lock_guard lock(mutex_);
    happened_ = true;
    changed_.notify_all();
  }
  Status wait(const char* what) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::seconds(60), [&] { return happened_; })) return {};
    return fail(ErrorCode::internal, std::string("[test] never: ") + what);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

class SourceThatTells final : public ImageSource {
 public:
  SourceThatTells(ImageSource& inner, std::int64_t row, Event& event)
      : inner_(inner), row_(row), event_(event) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status read(const Rect& rect, std::span<float> out) override {
    if (rect.y.end > row_) event_.happen();
    return inner_.read(rect, out);
  }

 private:
  ImageSource& inner_;
  const std::int64_t row_;
  Event& event_;
};

class SinkThatWaits final : public ImageSink {
 public:
  SinkThatWaits(ImageSink& inner, Event& event) : inner_(inner), event_(event) {}
  const ImageInfo& info() const override { return inner_.info(); }
  Status write(Range rows, std::span<const float> pixels) override {
    if (auto status = event_.wait("the band behind was computed"); !status) return status;
    return inner_.write(rows, pixels);
  }
  Status finish() override { return inner_.finish(); }

 private:
  ImageSink& inner_;
  Event& event_;
};

// The first band is computed only when the second is being read.
TEST(Pipeline, ReadsAheadOfCompute) {
  Event second_band_is_read;
  FakeRunner runner;
  runner.workers = 1;
  runner.wrap_source = [&](ImageSource& inner) {
    return std::make_unique<SourceThatTells>(inner, runner.tile.height, second_band_is_read);
  };
  runner.network = [&](const FakeRun& run) -> Status {
    auto status = second_band_is_read.wait("the second band is read");
    return status ? fake_network()(run) : status;
  };
  const auto report = runner.run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(runner.pixels, fake_result(runner.image));
}

// The first band is written only when the second has been computed.
TEST(Pipeline, WritesBehindCompute) {
  Event second_band_is_computed;
  FakeRunner runner;
  runner.workers = 1;
  const auto columns = std::ssize(fake_plan(runner.image, runner.tile, 1).columns);
  runner.wrap_sink = [&](ImageSink& inner) {
    return std::make_unique<SinkThatWaits>(inner, second_band_is_computed);
  };
  runner.network = [&](const FakeRun& run) -> Status {
    if (run.program_run == 2 * columns - 1) second_band_is_computed.happen();
    return fake_network()(run);
  };
  const auto report = runner.run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(runner.pixels, fake_result(runner.image));
}

// Two workers are inside the network at the same time.
TEST(Pipeline, RunsWorkersSideBySide) {
  Event both;
  std::atomic<int> inside = 0;
  FakeRunner runner;
  runner.workers = 2;
  runner.network = [&](const FakeRun& run) -> Status {
    if (++inside == 2) both.happen();
    auto status = run.run == 0 ? both.wait("both workers are at work") : Status();
    return status ? fake_network()(run) : status;
  };
  const auto report = runner.run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(runner.pixels, fake_result(runner.image));
}

}  // namespace
}  // namespace sectile::internal
