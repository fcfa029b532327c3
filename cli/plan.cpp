// sectile plan: what a run would do, and its predicted peak memory.
#include "sectile/plan.h"

#include "cli/command.h"
#include "cli/hints.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/text.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile plan denoise.pte scene.tif --memory 512M
  sectile plan denoise.pte 20000x15000 --threads 4 --json

WxH stands for an f32 image of that width and height with the network's channels (of inputs of
several sizes, the smallest); write ./640x480 for a file of such a name. --memory fails when it
cannot be met, and the message says what would do.
The JSON also has method, image and output: the sizes that are read and written.)";

struct PlanCommandOptions {
  std::string model;
  ImageArgument image;
  PlanOptions plan;
  bool json = false;
};

Result<Exit> plan(const PlanCommandOptions& options) {
  const auto input = open_input(options.model, options.image, options.plan.method);
  if (!input) return fail(input.error());
  const auto plan = make_plan(input->model, input->source->info(), options.plan);
  if (!plan) return fail(with_way_out(plan.error(), input->model, options.plan.method));
  if (options.json) {
    print(plan_json(*plan));
  } else {
    print_lines(plan->to_string());
  }
  return Exit::done;
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("plan", "Say what run would do, and the memory it needs");
  command->footer(kFooter);
  auto options = std::make_shared<PlanCommandOptions>();
  add_model(*command, options->model);
  add_parsed(*command, "IMAGE|WxH", options->image, parse_image, "An image file, or a size")
      ->required();
  add_plan_options(*command, options->plan);
  add_approximate_options(*command, options->plan);
  add_json(*command, options->json);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    action = [options] { return plan(*options); };
  });
}

}  // namespace sectile::cli
