// Frames of a video: one runner for all of them, against run() for each, and against the compute
// time alone. Usage: frames MODEL.pte [FRAMES] [SIDE] [THREADS]
#include <sectile/sectile.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Sums {
  double total_ms = 0;
  double compute_ms = 0;  // of the busiest thread alone, at best: the sum over the workers' threads
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

// Adds what one frame takes, from the call to its return.
template <typename RunFrame>
bool add_frame(const sectile::Plan& plan, RunFrame run_frame, Sums& sums) {
  const auto start = std::chrono::steady_clock::now();
  const auto report = run_frame();
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().message.c_str());
    return false;
  }
  sums.total_ms += milliseconds_since(start);
  sums.compute_ms += report->compute_seconds * 1e3 / plan.workers();
  return true;
}

// One kind of plan, with its runner and what its frames took.
struct Contender {
  std::string name;
  sectile::Plan plan;
  sectile::Runner runner;
  sectile::MemorySink sink;
  Sums with_runner = {};
  Sums with_run = {};
};

sectile::Result<Contender> contender(const sectile::Model& model, const sectile::ImageInfo& info,
                                     const sectile::PlanOptions& options) {
  auto plan = sectile::make_plan(model, info, options);
  if (!plan) return std::unexpected(plan.error());
  auto runner = sectile::Runner::prepare(*plan);
  if (!runner) return std::unexpected(runner.error());
  sectile::MemorySink sink(plan->output_info());
  return Contender{sectile::to_string(options.mode), std::move(*plan), std::move(*runner),
                   std::move(sink)};
}

// `whole_ms`: the compute time of the whole-image plan for a frame. Each plan is also compared with
// it, as it is the same for all of them.
void print(const Contender& contender, int frames, double whole_ms) {
  const double runner_ms = contender.with_runner.total_ms / frames;
  const double compute_ms = contender.with_runner.compute_ms / frames;
  const double run_ms = contender.with_run.total_ms / frames;
  std::printf("%-8s %8.2f %10.2f %9.1f %% %15.3f x %10.2f %7.2f x\n", contender.name.c_str(),
              runner_ms, compute_ms, 100 * (runner_ms / compute_ms - 1), runner_ms / whole_ms,
              run_ms, run_ms / runner_ms);
}

// The plans take turns, frame by frame: what disturbs the machine disturbs all of them.
bool measure(const sectile::Model& model, int frames, std::int64_t side, int threads) {
  const auto bands = static_cast<int>(model.methods()[0].input.channels);
  const sectile::ImageInfo info{
      .size = {side, side}, .bands = bands, .pixel_type = sectile::PixelType::f32};
  std::vector<Contender> contenders;
  for (const auto mode : {sectile::Mode::whole, sectile::Mode::automatic, sectile::Mode::tile,
                          sectile::Mode::stream}) {
    auto made = contender(model, info, {.threads = threads, .mode = mode});
    if (!made) return std::fprintf(stderr, "%s\n", made.error().message.c_str()), false;
    contenders.push_back(std::move(*made));
  }
  const std::vector<float> pixels(static_cast<std::size_t>(side * side * bands), 0.5F);
  sectile::MemorySource source(info, pixels);
  for (int frame = 0; frame < frames; ++frame) {
    for (auto& [name, plan, runner, sink, with_runner, with_run] : contenders) {
      if (!add_frame(plan, [&] { return runner.run(source, sink); }, with_runner)) return false;
      if (!add_frame(plan, [&] { return sectile::run(model, plan, source, sink); }, with_run)) {
        return false;
      }
    }
  }
  std::printf("%d frames of %lldx%lld, %d threads; milliseconds a frame\n", frames,
              static_cast<long long>(side), static_cast<long long>(side), threads);
  std::printf("plan       runner    compute    overhead  of whole compute      run()  of runner\n");
  for (const Contender& each : contenders) {
    print(each, frames, contenders[0].with_runner.compute_ms / frames);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2)
    return std::fprintf(stderr, "usage: frames MODEL.pte [FRAMES] [SIDE] [THREADS]\n"), 2;
  const auto number = [&](int index, long otherwise) {
    return argc > index ? std::strtol(argv[index], nullptr, 10) : otherwise;
  };
  const auto model = sectile::Model::open(argv[1]);
  if (!model) return std::fprintf(stderr, "%s\n", model.error().message.c_str()), 1;
  const auto frames = static_cast<int>(number(2, 200));
  return measure(*model, frames, number(3, 512), static_cast<int>(number(4, 2))) ? 0 : 1;
}
