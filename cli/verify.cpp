// sectile verify: the planned run against one whole-image run, bit by bit.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/model_facts.h"
#include "cli/options.h"
#include "cli/text.h"
#include "cli/window.h"
#include "cli/with_facts.h"
#include "sectile/run.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile verify denoise.pte
  sectile verify denoise.pte scene.tif --tile 256 --threads 2
  sectile verify denoise.pte 1000x777 --tile 160x96 --json
  sectile verify denoise_96.pte --against denoise_160.pte

Runs the plan, and the program once over the whole image, and compares their float outputs bit by
bit; of a window, that part of them. Without an image it takes 1024x1024 of noise, always the same
(of inputs of several sizes, the smallest). It needs the memory of the whole-image run: --memory
bounds the planned run alone. Bands and scales of a file are those that the model says (net.json
beside net.pte). With --against it compares with a program that the same network was
exported to at another size: so it also finds numbers in MODEL that stand for its exported size. A
program cannot show those by itself. The JSON has the keys of `plan --json`, and values, differing
and max_abs_diff.
Exits: 0 every bit is equal; 3 some differ; 2 the mode asked for makes one tile of the image, which
would be compared with itself.)";

constexpr Size kDefaultSize = {1024, 1024};

struct VerifyOptions {
  ModelArgument model;
  std::optional<ImageArgument> image;
  PlanOptions plan;
  WindowArgument window;
  ReadArgument read;
  std::string against;  // another program; empty: the whole image
  bool json = false;
};

void print_report(const Plan& plan, const VerifyReport& report, const std::string& against) {
  fmt::print("{} of {} values differ{} ({})\n", report.differing, report.values,
             against.empty() ? "" : fmt::format(" from {} as ExecuTorch runs it", against),
             plan_text(plan));
  if (report.differing > 0) fmt::print("largest difference: {}\n", report.max_abs_diff);
}

// The size that the other program was exported for, where no image is given.
Result<ImageArgument> image_for(const Model& other, const VerifyOptions& options) {
  if (options.image) return *options.image;
  const auto method = other.method(options.plan.method);
  if (!method) return fail(method.error());
  return Size{(*method)->input.height, (*method)->input.width};
}

Result<Exit> finish(const VerifyOptions& options, const Plan& plan, const VerifyReport& report) {
  if (options.json) {
    print(verify_json(plan, report));
  } else {
    print_report(plan, report, options.against);
  }
  return report.differing == 0 ? Exit::done : Exit::difference;
}

// The input, and what a run of it is told.
struct ToVerify {
  PlannedInput input;
  RunOptions run;
};

// Bands and scales are those of the model's facts.
Result<ToVerify> prepare(const VerifyOptions& options, const ImageArgument& image) {
  const auto model = options.model.open();
  if (!model) return fail(model.error());
  const auto facts = read_model_facts(*model);
  if (!facts) return fail(facts.error());
  auto input = plan_input(*model, image, options.plan, options.window,
                          with_facts(options.read, image, *facts));
  if (!input) return fail(input.error());
  if (auto status = check_facts(*facts, *model, options.plan.method); !status) {
    return fail(status.error());
  }
  RunOptions run{.stop = &stop_on_interrupt()};
  if (is_file(image)) run.input = facts->scaling;
  return ToVerify{std::move(*input), std::move(run)};
}

Result<Exit> verify_with_program(const VerifyOptions& options) {
  // It runs unchanged, so its numbers need not hold at other sizes.
  const auto other = Model::open(options.against, {.fixed_sizes = true});
  if (!other) return fail(other.error());
  const auto image = image_for(*other, options);
  if (!image) return fail(image.error());
  const auto ready = prepare(options, *image);
  if (!ready) return fail(ready.error());
  const PlannedInput& input = ready->input;
  const auto report = verify_against(input.model, input.plan, *other, *input.source, ready->run);
  if (!report) return fail(report.error());
  return finish(options, input.plan, *report);
}

Result<Exit> verify(const VerifyOptions& options) {
  if (!options.against.empty()) return verify_with_program(options);
  const ImageArgument image = options.image.value_or(kDefaultSize);
  const auto ready = prepare(options, image);
  if (!ready) return fail(ready.error());
  const PlannedInput& input = ready->input;
  if (options.plan.mode == Mode::tile && input.plan.mode() == Mode::whole) {
    print_error(
        fmt::format("the whole image of {} is one tile, which would be compared with "
                    "itself: ask for smaller ones, e.g. --tile 64",
                    to_string(input.plan.input_info().size)));
    return Exit::usage;
  }
  const auto report = sectile::verify(input.model, input.plan, *input.source, ready->run);
  if (!report) return fail(report.error());
  return finish(options, input.plan, *report);
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
  command
      ->add_option("--against", options->against,
                   "Compare with this program: the same network, exported at another size")
      ->type_name("OTHER");
  add_plan_options(*command, options->plan);
  refuse_approximate(
      *command, "verify compares bit for bit; approximate runs are not bit-identical by design");
  add_window_options(*command, options->window);
  add_read_options(*command, options->read);
  add_json(*command, options->json);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    action = [options] { return verify(*options); };
  });
}

}  // namespace sectile::cli
