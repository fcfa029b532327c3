#include "cli/run_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/hints.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/taken_files.h"
#include "cli/text.h"

namespace sectile::cli {

namespace {

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}
std::vector<std::string> inputs_of(const RunCommandOptions& options) {
  return joined({options.input}, options.more_inputs);
}
std::vector<std::string> outputs_of(const RunCommandOptions& options) {
  return joined({options.output}, options.more_outputs);
}

CreateOptions create_options(const RunCommandOptions& options, const TakenFiles& files) {
  CreateOptions create = options.create;
  create.keep = files.read_files();
  return create;
}

Result<std::unique_ptr<Trace>> open_trace(const std::string& path) {
  if (path.empty()) return nullptr;
  return Trace::open(path);
}

}  // namespace

Result<std::unique_ptr<ReportFile>> open_report(const std::string& path) {
  if (path.empty()) return nullptr;
  return ReportFile::open(path, "report");
}

Result<RunCommandOptions> with_model_facts(RunCommandOptions options, const Model& model) {
  auto facts = read_model_facts(model);
  if (!facts) return fail(facts.error());
  auto made = with_facts(options.made, *facts);
  if (!made) return fail(made.error());
  options.made = std::move(*made);
  options.pixels_are_told = options.scaling.scale.has_value();
  options.scaling = with_facts(options.scaling, *facts);
  options.read = with_facts(options.read, *facts);
  options.facts = std::move(*facts);
  return options;
}

Status check_facts(const OpenedInput& input, const RunCommandOptions& options) {
  auto status = check_facts(options.facts, input.model, options.plan.method);
  if (!status || options.pixels_are_told) return status;
  return check_pixels(options.facts, input.source->info());
}

void add_files_of_options(TakenFiles& files, const RunCommandOptions& options) {
  files.read({"model", options.model.path, options.model.path});
  for (const auto& [what, file] : {std::pair{"file of the model's facts", options.facts.file},
                                   std::pair{"file of classes", options.made.kind.classes_file},
                                   std::pair{"mask", options.read.mask.file}}) {
    if (!file.empty()) files.read({what, file, file});
  }
}

Result<TakenFiles> taken_files(const RunCommandOptions& options) {
  TakenFiles files;
  add_files_of_options(files, options);
  for (const std::string& input : inputs_of(options)) {
    if (auto status = files.read_image(input); !status) return fail(status.error());
  }
  std::vector<NamedFile> written;
  for (const std::string& output : outputs_of(options)) {
    written.push_back({"output", output, output});
  }
  if (!options.report.empty()) written.push_back({"report", options.report, options.report});
  if (!options.trace.empty()) written.push_back({"trace", options.trace, options.trace});
  for (const NamedFile& file : written) {
    if (auto status = files.write(file); !status) return fail(status.error());
  }
  return files;
}

ImageInfo image_of(const RunCommandOptions& options, const OpenedInput& input) {
  return as_scaled(input.source->info(), options.scaling, options.made.scaling);
}

Result<PlanOptions> plan_options(const RunCommandOptions& options, const OpenedInput& opened) {
  const ImageInfo& input = opened.source->info();
  auto plan = with_output(options.plan, options.made.kind);
  if (!plan) return plan;
  const bool has_labels = plan->output == OutputKind::argmax || plan->threshold;
  if (!plan->output_type && !has_labels) {
    plan->output_type =
        default_output_type(input.pixel_type, options.output, options.create.format);
  }
  return with_window(*plan, options.window, opened.model, input);
}

RunOptions run_options(const RunCommandOptions& options, const OpenedInput& input,
                       const std::atomic<bool>& stop) {
  return {.input = options.scaling,
          .output = scaling_of(options.made.scaling, options.scaling, input.source->info()),
          .stop = &stop};
}

Result<Job> prepare(const RunCommandOptions& options, const Model& model) {
  const auto taken = taken_files(options);
  if (!taken) return fail(taken.error());
  auto input =
      open_inputs(model, inputs_of(options), options.plan.method, options.read, options.quiet);
  if (!input) return fail(input.error());
  if (auto status = check_facts(*input, options); !status) return fail(status.error());
  const auto asked = plan_options(options, *input);
  if (!asked) return fail(asked.error());
  // From here on there are unfinished files that an interrupt must not leave.
  const std::atomic<bool>& stop = stop_on_interrupt();
  auto report = open_report(options.report);
  if (!report) return fail(report.error());
  auto trace = open_trace(options.trace);
  if (!trace) return fail(trace.error());
  auto files = plan_to_files(input->model, image_of(options, *input), outputs_of(options), *asked,
                             create_options(options, *taken));
  if (!files) return fail(with_way_out(files.error(), input->model, options.plan.method));
  return Job{std::move(*input),      std::move(*report), std::move(*trace),
             std::move(files->sink), files->plan,        &stop};
}

Result<RunReport> carry_out(Job& job, const RunCommandOptions& options, ProgressDisplay& display) {
  RunOptions asked = run_options(options, job.input, *job.stop);
  const std::int64_t pixels = job.plan.input_window().area();
  display.expect(1, pixels);
  const auto file = display.begin(options.input, pixels);
  display.show(file, {.steps_total = job.plan.steps()});
  asked.on_progress = [&](const Progress& progress) { display.show(file, progress); };
  if (job.trace) {
    job.trace->begin(job.plan.workers());
    asked.on_event = [&job](const RunEvent& event) { job.trace->add(event); };
  }
  auto report = sectile::run(job.input.model, job.plan, *job.input.source, *job.sink, asked);
  display.end(file, !report);
  return report;
}

Status write_report_and_trace(Job& job, const RunReport& report) {
  if (job.report) {
    job.report->append(to_text(run_json(job.plan, report)));
    if (auto status = job.report->finish(); !status) return status;
  }
  return job.trace ? job.trace->finish() : Status{};
}

// Above so many pixels a sum in f32 loses whole ones.
void warn_of_large_sums(const Plan& plan) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 24;
  std::int64_t most = 0;
  for (const PlannedPass& pass : plan.passes()) most = std::max(most, pass.pixels);
  if (most <= kMostPixels || plan.approximate()) return;
  print_warning(fmt::format(
      "the network takes statistics over {} pixels. ExecuTorch adds them up in f32, which is "
      "inexact above {}; --statistics accurate adds them up in double precision",
      most, kMostPixels));
}

void print_how_approximate(const Plan& plan, const RunReport& report, const std::string& output) {
  print_approximation(plan.output_info().approximation);
  if (report.disagreement) print_approximation(disagreement_text(*report.disagreement));
  // A format that GDAL cannot write the note to is one that only the message can speak for.
  const auto written = open_image(output, kOwnProcess);
  if (written && !(*written)->info().approximation.empty()) return;
  print_approximation(fmt::format("the format of {} holds no note of it", output));
}

namespace {

void print_time_and_memory(const Plan& plan, const RunReport& report, const std::string& output) {
  const double megapixels = static_cast<double>(plan.input_window().area()) * 1e-6;
  print_summary(fmt::format(
      "{}: {} in {:.2f} s ({:.1f} megapixels/s), peak memory {} (predicted {})", output,
      plan_text(plan), report.total_seconds, megapixels / std::max(report.total_seconds, 1e-9),
      bytes_text(report.peak_rss_bytes), bytes_text(plan.predicted_peak_bytes())));
}

}  // namespace

void print_results(const Plan& plan, const RunReport& report, const std::string& output) {
  print_time_and_memory(plan, report, output);
  print_losses(plan.output_info(), output);
  if (plan.approximate()) print_how_approximate(plan, report, output);
}

}  // namespace sectile::cli
