#include "cli/run_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/hints.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/progress.h"
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

// A file that is read or written: what for, the name that the user gave, and the file itself.
struct NamedFile {
  std::string what;
  std::string name;
  std::string file;
};

Status refuse_same(const NamedFile& written, const NamedFile& other) {
  if (!same_file(written.file, other.file)) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("[run] the {} {} is {}the {} {}: give it another name", written.what,
                          written.name, other.file == other.name ? "" : "a file of ", other.what,
                          other.name));
}

std::vector<NamedFile> written_files(const RunCommandOptions& options) {
  std::vector<NamedFile> files;
  for (const std::string& output : outputs_of(options)) files.push_back({"output", output, output});
  if (!options.report.empty()) files.push_back({"report", options.report, options.report});
  if (!options.trace.empty()) files.push_back({"trace", options.trace, options.trace});
  return files;
}

Result<std::vector<NamedFile>> read_files(const RunCommandOptions& options) {
  std::vector<NamedFile> files{{"model", options.model.path, options.model.path}};
  for (const std::string& input : inputs_of(options)) {
    files.push_back({"input", input, input});
    const auto all = image_files(input);
    if (!all) return fail(all.error());
    for (const std::string& file : *all) files.push_back({"input", input, file});
  }
  return files;
}

// Nothing that is read may be written to, and nothing twice.
Status check_files(const RunCommandOptions& options, std::vector<NamedFile> taken) {
  for (const NamedFile& file : written_files(options)) {
    for (const NamedFile& other : taken) {
      if (auto status = refuse_same(file, other); !status) return status;
    }
    taken.push_back(file);
  }
  return {};
}

CreateOptions create_options(const RunCommandOptions& options, const std::vector<NamedFile>& read) {
  CreateOptions create = options.create;
  for (const NamedFile& file : read) create.keep.push_back(file.file);
  return create;
}

Result<std::unique_ptr<ReportFile>> open_report(const std::string& path) {
  if (path.empty()) return nullptr;
  return ReportFile::open(path, "report");
}

Result<std::unique_ptr<Trace>> open_trace(const std::string& path) {
  if (path.empty()) return nullptr;
  return Trace::open(path);
}

Result<PlanOptions> plan_options(const RunCommandOptions& options, const OpenedInput& opened) {
  const ImageInfo& input = opened.source->info();
  auto plan = with_window(options.plan, options.window, opened.model, input);
  if (!plan) return plan;
  plan->output_type = options.output_type.value_or(
      default_output_type(input.pixel_type, options.output, options.create.format));
  return plan;
}

}  // namespace

Result<Job> prepare(const RunCommandOptions& options) {
  const auto read = read_files(options);
  if (!read) return fail(read.error());
  if (auto status = check_files(options, *read); !status) return fail(status.error());
  auto input = open_inputs(options.model, inputs_of(options), options.plan.method, options.read,
                           options.quiet);
  if (!input) return fail(input.error());
  const ImageInfo image = as_scaled(input->source->info(), options.scaling, options.output_scaling);
  const auto asked = plan_options(options, *input);
  if (!asked) return fail(asked.error());
  // From here on there are unfinished files that an interrupt must not leave.
  const std::atomic<bool>& stop = stop_on_interrupt();
  auto report = open_report(options.report);
  if (!report) return fail(report.error());
  auto trace = open_trace(options.trace);
  if (!trace) return fail(trace.error());
  auto files = plan_to_files(input->model, image, outputs_of(options), *asked,
                             create_options(options, *read));
  if (!files) return fail(with_way_out(files.error(), input->model, options.plan.method));
  return Job{std::move(*input),      std::move(*report), std::move(*trace),
             std::move(files->sink), files->plan,        &stop};
}

Result<RunReport> carry_out(Job& job, const RunCommandOptions& options) {
  ProgressLine line(!options.quiet, job.plan.input_window().area());
  RunOptions run_options{
      .input = options.scaling,
      .output = scaling_of(options.output_scaling, options.scaling, job.input.source->info()),
      .on_progress = [&line](const Progress& progress) { line.show(progress); },
      .stop = job.stop};
  if (job.trace) {
    job.trace->begin(job.plan.workers());
    run_options.on_event = [&job](const RunEvent& event) { job.trace->add(event); };
  }
  return sectile::run(job.input.model, job.plan, *job.input.source, *job.sink, run_options);
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
  fmt::print(
      stderr,
      "warning: the network takes statistics over {} pixels. ExecuTorch adds them up in f32, "
      "which is inexact above {}; --statistics accurate adds them up in double precision\n",
      most, kMostPixels);
}

namespace {

void print_summary(const Plan& plan, const RunReport& report, const std::string& output) {
  const double megapixels = static_cast<double>(plan.input_window().area()) * 1e-6;
  fmt::print(stderr, "{}: {} in {:.2f} s ({:.1f} megapixels/s), peak memory {} (predicted {})\n",
             output, plan_text(plan), report.total_seconds,
             megapixels / std::max(report.total_seconds, 1e-9), bytes_text(report.peak_rss_bytes),
             bytes_text(plan.predicted_peak_bytes()));
}

// A format that GDAL cannot write the note to is one that only the message can speak for.
void print_approximation(const Plan& plan, const RunReport& report, const std::string& output) {
  fmt::print(stderr, "approximate: {}\n", plan.output_info().approximation);
  if (report.disagreement) {
    fmt::print(stderr, "approximate: {}\n", disagreement_text(*report.disagreement));
  }
  const auto written = open_image(output, kOwnProcess);
  if (written && !(*written)->info().approximation.empty()) return;
  fmt::print(stderr, "approximate: the format of {} holds no note of it\n", output);
}

}  // namespace

void print_results(const Plan& plan, const RunReport& report, const std::string& output) {
  print_summary(plan, report, output);
  print_losses(plan, output);
  if (plan.approximate()) print_approximation(plan, report, output);
}

}  // namespace sectile::cli
