// sectile bench: whole-image and planned runs side by side.
#include <fmt/format.h>

#include "cli/bench_runs.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/text.h"
#include "sectile/run.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile bench denoise.pte
  sectile bench denoise.pte 2048x1536 --memory 256M --threads 4 --rounds 9 --json

Runs the program over the whole image and the plan in turns, over noise in memory. `copying` is
the share of the workers' time that goes into cutting and joining tiles. The JSON has the keys of
`plan --json`, and rounds, whole, planned, time_ratio, memory_ratio and differing.
Exits: 0 the outputs are equal; 3 some bits differ.)";

struct BenchCommandOptions {
  ModelArgument model;
  Size size = {1024, 1024};
  PlanOptions plan;
  int rounds = 5;
  bool json = false;
};

void print_row(const std::string& name, const BenchResult& result, const std::string& copying) {
  constexpr double ms = 1e3;
  fmt::print("{:<8} {:>10.1f} ms {:>10.1f} ms {:>12} {:>9}\n", name, result.median_seconds * ms,
             result.min_seconds * ms, bytes_text(result.peak_rss_bytes), copying);
}

void print_report(const Plan& plan, const BenchReport& report) {
  fmt::print("{:<8} {:>13} {:>13} {:>12} {:>9}\n", "", "median", "min", "peak memory", "copying");
  print_row("whole", report.whole, "");
  print_row("planned", report.planned, fmt::format("{:.1f} %", 100 * report.copy_share));
  fmt::print("ratio    {:>11.2f} x {:>26.2f} x\n", report.time_ratio, report.memory_ratio);
  fmt::print("whole: {}; planned: {}\n", count_text(report.whole_threads, "thread"),
             plan_text(plan));
  fmt::print("{} values differ\n", report.differing);
}

Result<Exit> bench(const BenchCommandOptions& options) {
  const auto model = options.model.open();
  if (!model) return fail(model.error());
  const auto input = plan_input(*model, options.size, options.plan);
  if (!input) return fail(input.error());
  const auto report = run_bench(input->plan, options.rounds, stop_on_interrupt());
  if (!report) return fail(report.error());
  if (options.json) {
    print(bench_json(input->plan, *report, options.rounds));
  } else {
    print_report(input->plan, *report);
  }
  return report->differing == 0 ? Exit::done : Exit::difference;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("bench", "Measure whole-image and planned runs: time and memory");
  command->footer(kFooter);
  auto options = std::make_shared<BenchCommandOptions>();
  add_model(*command, options->model);
  add_parsed(*command, "WxH", options->size, parse_size, "Size of the image (default: 1024x1024)");
  add_plan_options(*command, options->plan);
  refuse_approximate(*command, "it compares with a whole-image run, and such a network has none");
  add_parsed(*command, "--rounds", options->rounds, parse_count, "Runs of each kind (default: 5)")
      ->type_name("N");
  add_json(*command, options->json);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    action = [options] { return bench(*options); };
  });
}

}  // namespace sectile::cli
