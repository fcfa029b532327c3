// Frames of a video: one runner for all of them, against run() for each, and against the compute
// time alone. Usage: frames MODEL.pte [FRAMES] [SIDE] [THREADS]
#include <sectile/sectile.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
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

bool measure(const sectile::Model& model, sectile::PlanOptions options, int frames,
             std::int64_t side, const char* name) {
  const auto bands = static_cast<int>(model.methods()[0].input.channels);
  const sectile::ImageInfo info{
      .size = {side, side}, .bands = bands, .pixel_type = sectile::PixelType::f32};
  const auto plan = sectile::make_plan(model, info, options);
  if (!plan) return std::fprintf(stderr, "%s\n", plan.error().message.c_str()), false;
  const std::vector<float> pixels(static_cast<std::size_t>(side * side * bands), 0.5F);
  sectile::MemorySource source(info, pixels);
  sectile::MemorySink sink(plan->output_info());
  auto runner = sectile::Runner::prepare(*plan);
  if (!runner) return std::fprintf(stderr, "%s\n", runner.error().message.c_str()), false;
  Sums with_runner;
  Sums with_run;
  for (int frame = 0; frame < frames; ++frame) {
    if (!add_frame(*plan, [&] { return runner->run(source, sink); }, with_runner)) return false;
    if (!add_frame(*plan, [&] { return sectile::run(model, *plan, source, sink); }, with_run)) {
      return false;
    }
  }
  std::printf(
      "%-8s runner %7.2f ms a frame, compute %7.2f ms (overhead %.1f %%); run() %7.2f ms (%.2f "
      "x)\n",
      name, with_runner.total_ms / frames, with_runner.compute_ms / frames,
      100 * (with_runner.total_ms / with_runner.compute_ms - 1), with_run.total_ms / frames,
      with_run.total_ms / with_runner.total_ms);
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
  const auto threads = static_cast<int>(number(4, 2));
  bool done = measure(*model, {.threads = threads}, frames, number(3, 512), "auto");
  for (const auto mode : {sectile::Mode::whole, sectile::Mode::tile, sectile::Mode::stream}) {
    done = measure(*model, {.threads = threads, .mode = mode}, frames, number(3, 512),
                   sectile::to_string(mode)) &&
           done;
  }
  return done ? 0 : 1;
}
