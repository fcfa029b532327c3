// sectile verify: the planned run against one whole-image run, bit by bit.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/text.h"
#include "cli/window.h"
#include "sectile/run.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile verify denoise.pte
  sectile verify denoise.pte scene.tif --tile 256 --threads 2
  sectile verify denoise.pte 1000x777 --tile 160x96 --json

Runs the plan, and the program once over the whole image, and compares their float outputs bit by
bit; of a window, that part of them. Without an image it takes 1024x1024 of noise, always the same
(of inputs of several sizes, the smallest). It needs the memory of the whole-image run: --memory
bounds the planned run alone. The JSON has the keys of `plan --json`, and values, differing and
max_abs_diff.
Exits: 0 every bit is equal; 3 some differ.)";

constexpr Size kDefaultSize = {1024, 1024};

struct VerifyOptions {
  std::string model;
  ImageArgument image = kDefaultSize;
  PlanOptions plan;
  WindowArgument window;
  bool json = false;
};

void print_report(const Plan& plan, const VerifyReport& report) {
  fmt::print("{} of {} values differ ({})\n", report.differing, report.values, plan_text(plan));
  if (report.differing > 0) fmt::print("largest difference: {}\n", report.max_abs_diff);
}

Result<Exit> verify(const VerifyOptions& options) {
  const auto input = plan_input(options.model, options.image, options.plan, options.window);
  if (!input) return fail(input.error());
  const auto report =
      sectile::verify(input->model, input->plan, *input->source, {.stop = &stop_on_interrupt()});
  if (!report) return fail(report.error());
  if (options.json) {
    print(verify_json(input->plan, *report));
  } else {
    print_report(input->plan, *report);
  }
  return report->differing == 0 ? Exit::done : Exit::difference;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("verify", "Compare a planned run with a whole-image run, bit by bit");
  command->footer(kFooter);
  auto options = std::make_shared<VerifyOptions>();
  add_model(*command, options->model);
  add_parsed(*command, "IMAGE|WxH", options->image, parse_image,
             "An image file, or a size (default: 1024x1024)");
  add_plan_options(*command, options->plan);
  refuse_approximate(
      *command, "verify compares bit for bit; approximate runs are not bit-identical by design");
  add_window_options(*command, options->window);
  add_json(*command, options->json);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    action = [options] { return verify(*options); };
  });
}

}  // namespace sectile::cli
