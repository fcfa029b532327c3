// sectile plan: what a run would do, and its predicted peak memory.
#include "sectile/plan.h"

#include "cli/command.h"
#include "cli/hints.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/model_facts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/text.h"
#include "cli/window.h"
#include "cli/with_facts.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile plan denoise.pte scene.tif --memory 512M
  sectile plan denoise.pte 20000x15000 --threads 4 --json

WxH stands for an f32 image of that width and height with the network's channels (of inputs of
several sizes, the smallest); write ./640x480 for a file of such a name. --memory fails when it
cannot be met, and the message names the smallest limit that works.
The JSON also has method, image and output, the sizes of the image and of what is written; window
and input_window are the parts of the output and of the image.)";

struct PlanCommandOptions {
  ModelArgument model;
  ImageArgument image;
  PlanOptions plan;
  WindowArgument window;
  ReadArgument read;
  OutputKindArgument output;
  bool json = false;
};

Result<Exit> plan(const PlanCommandOptions& options) {
  const auto model = options.model.open();
  if (!model) return fail(model.error());
  const auto facts = read_model_facts(*model);
  if (!facts) return fail(facts.error());
  const auto made = with_facts({options.output, {}}, *facts);
  if (!made) return fail(made.error());
  const auto input = open_input(*model, options.image, options.plan.method,
                                with_facts(options.read, options.image, *facts));
  if (!input) return fail(input.error());
  if (auto status = check_facts(*facts, *model, options.plan.method); !status) {
    return fail(status.error());
  }
  const ImageInfo& image = input->source->info();
  const auto kind = with_output(options.plan, made->kind);
  if (!kind) return fail(kind.error());
  const auto asked = with_window(*kind, options.window, input->model, image);
  if (!asked) return fail(asked.error());
  const auto plan = make_plan(input->model, image, *asked);
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
  add_statistics_option(*command, options->plan);
  add_approximate_options(*command, options->plan);
  add_window_options(*command, options->window);
  add_read_options(*command, options->read);
  add_output_options(*command, options->output);
  add_json(*command, options->json);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    usage_error_of(check_output(options->output, {}));
    action = [options] { return plan(*options); };
  });
}

}  // namespace sectile::cli
