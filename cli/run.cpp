// sectile run: an image in, an image out.
#include "sectile/run.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/hints.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/model_facts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/scaling.h"
#include "cli/text.h"
#include "cli/trace.h"
#include "cli/window.h"
#include "cli/with_facts.h"
#include "sectile/image_files.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile run denoise.pte scene.tif clean.tif --memory 512M
  sectile run upscale2x.pte photo.jpg large.png --threads 4 --report report.json
  sectile run unet.pte scene.tif mask.tif --output-type f32 --format COG --co COMPRESS=ZSTD
  sectile run denoise.pte scene.tif part.tif --window 2000,1100,1000x777
  sectile run denoise.pte scene.tif part.tif --bounds 499980,5290220,505980,5296220
  sectile run net.pte photo.png out.png --input-mean 0.485,0.456,0.406 --input-std 0.229
  sectile run net.pte scene.tif out.tif --bands 4,3,2 --input-scale 0.0001 --output-units input

The network's input is (pixel * scale - mean) / std. By default the scale is 1 / the largest value
of the pixels (1/255 for u8, 1/4095 for 12 bits, 1 for f32), the mean 0 and the std 1.
The output's pixels are the network's output * scale + offset. By default the scale is their largest
value and the offset 0. --output-units input undoes --input-scale, mean and std instead.
--output argmax writes the class of each pixel, in one band: the band of the network that is the
largest there (of equal ones the first; not-a-number is the largest, as in numpy). softmax (the
share of each band) and sigmoid are from 0 to 1. --threshold 0.5 writes 1 where a band's value,
share or sigmoid is at least 0.5, and 0 elsewhere. The network's own values count, before a scale.
--classes names the bands, and gives classes a colour: [{"name": "water", "color": "#0000ff"}, ...]
What a model says of itself in a file beside it (net.json beside net.pte) holds where no option says
something else: bands, scales, the kind of output, classes. `sectile inspect` shows it.
OUTPUT ends in .tif, .tiff, .cog.tif, .png, .jpg or .jpeg unless --format says otherwise. Its
pixels have the input's type when the format can hold it; else JPEG gets u8, and PNG gets u8 for
8-bit inputs and u16 for all others. As many bits are used as in the input, where the format can.
--bands chooses bands of INPUT, and --page an image of a file of several; given several times, they
are for INPUT and each --more-input in turn.
Pixels are never turned: an EXIF orientation is kept in JPEG files, and a warning says when it is
lost.
Pixels that the input marks as no data (a nodata value, a mask band, alpha that is none of --bands,
NaN) and those outside --mask do not reach the network: it gets --nodata-fill there. The output
marks them in the same way, and where nothing else would show, nothing is computed.
Where it lies on Earth and what else stays true carries over: the colours, descriptions, units
and resolution of an output with as many bands.
A network of several inputs takes them as files (--more-input), in the network's order, or as the
bands of one. Inputs of several sizes are so many times as wide and high as the smallest as `sectile
inspect` says. Outputs go to one file, band after band, or to one each (--more-output).
--window makes a part of the output, X columns and Y rows from its top left, with the bits that the
part has in the whole output; only what it depends on is read. --bounds names the part in the
coordinates of the image's reference system; it is rounded outwards to whole pixels of the output.
On a terminal, stderr shows progress. Ctrl-C stops within one tile and leaves no output.
--report writes JSON: the keys of `plan --json`, and seconds (total, read, compute, copy, write; the
middle two added up over the workers) and peak_rss_bytes. It replaces an older report.
--trace writes JSON for chrome://tracing and Perfetto: what the reader, the writer and each worker
did when.
--approximate is for networks that cannot be cut exactly. It runs the program at the size it was
exported for, in tiles that overlap, and blends them. The result is not bit-identical to a whole-
image run; the summary, the report and the file's metadata (SECTILE_APPROXIMATE) say so, and how far
neighbouring tiles disagree.)";

struct RunCommandOptions {
  ModelArgument model;
  std::string input;
  std::vector<std::string> more_inputs;
  std::string output;
  std::vector<std::string> more_outputs;
  PlanOptions plan;
  WindowArgument window;
  ReadArgument read;
  CreateOptions create;
  InputScaling scaling;
  OutputArguments made;
  // Set when the command runs.
  ModelFacts facts;
  bool pixels_are_told = false;  // what they stand for, by --input-scale
  std::string report;
  std::string trace;
  bool quiet = false;
};

// What a run works on, opened and decided before any pixel is read.
struct Job {
  OpenedInput input;
  std::unique_ptr<ReportFile> report;  // may be null
  std::unique_ptr<Trace> trace;        // likewise
  std::unique_ptr<ImageSink> sink;
  Plan plan;
  const std::atomic<bool>* stop;
};

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
  const std::string& facts = options.facts.file;
  if (!facts.empty()) files.push_back({"file of the model's facts", facts, facts});
  const std::string& classes = options.made.kind.classes_file;
  if (!classes.empty()) files.push_back({"file of classes", classes, classes});
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
  auto plan = with_output(options.plan, options.made.kind);
  if (!plan) return plan;
  const bool has_labels = plan->output == OutputKind::argmax || plan->threshold;
  if (!plan->output_type && !has_labels) {
    plan->output_type =
        default_output_type(input.pixel_type, options.output, options.create.format);
  }
  return with_window(*plan, options.window, opened.model, input);
}

Status check_facts(const OpenedInput& input, const RunCommandOptions& options) {
  auto status = check_facts(options.facts, input.model, options.plan.method);
  if (!status || options.pixels_are_told) return status;
  return check_pixels(options.facts, input.source->info());
}

Result<Job> prepare(const RunCommandOptions& options, const Model& model) {
  const auto read = read_files(options);
  if (!read) return fail(read.error());
  if (auto status = check_files(options, *read); !status) return fail(status.error());
  auto input =
      open_inputs(model, inputs_of(options), options.plan.method, options.read, options.quiet);
  if (!input) return fail(input.error());
  if (auto status = check_facts(*input, options); !status) return fail(status.error());
  const ImageInfo image = as_scaled(input->source->info(), options.scaling, options.made.scaling);
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
      .output = scaling_of(options.made.scaling, options.scaling, job.input.source->info()),
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

Result<Exit> run(const RunCommandOptions& given) {
  const auto model = given.model.open();
  if (!model) return fail(model.error());
  const auto completed = with_model_facts(given, *model);
  if (!completed) return fail(completed.error());
  const RunCommandOptions& options = *completed;
  auto job = prepare(options, *model);
  if (!job) return fail(job.error());
  if (!options.quiet) warn_of_large_sums(job->plan);
  const auto report = carry_out(*job, options);
  if (!report) return fail(report.error());
  if (auto status = write_report_and_trace(*job, *report); !status) return fail(status.error());
  if (options.quiet) return Exit::done;
  print_summary(job->plan, *report, options.output);
  print_losses(job->plan, options.output);
  if (job->plan.approximate()) print_approximation(job->plan, *report, options.output);
  return Exit::done;
}

void add_image_options(CLI::App& command, RunCommandOptions& options) {
  options.create.host = kOwnProcess;
  command
      .add_option("--format", options.create.format,
                  "GDAL driver of the output, e.g. GTiff (default: by its file ending)")
      ->type_name("GDALDRIVER");
  add_repeated(command, "--co", options.create.driver_options, parse_driver_option,
               "Option of that driver; may be given several times")
      ->type_name("KEY=VALUE");
  command.add_flag("--overwrite", options.create.overwrite, "Replace OUTPUT if it exists");
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Run a program over an image file");
  command->footer(kFooter);
  auto options = std::make_shared<RunCommandOptions>();
  add_model(*command, options->model);
  command->add_option("INPUT", options->input, "The image to read: any format that GDAL reads")
      ->required()
      ->type_name("");
  command->add_option("OUTPUT", options->output, "The image to write")->required()->type_name("");
  command
      ->add_option("--more-input", options->more_inputs,
                   "The network's next input, after INPUT; may be given several times")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      ->add_option("--more-output", options->more_outputs,
                   "Where the network's next output goes; without it OUTPUT holds all bands")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_plan_options(*command, options->plan);
  add_statistics_option(*command, options->plan);
  add_approximate_options(*command, options->plan);
  add_window_options(*command, options->window);
  add_read_options(*command, options->read);
  add_image_options(*command, *options);
  add_output_options(*command, options->made.kind);
  add_scaling_options(*command, options->scaling, options->made.scaling);
  command->add_option("--report", options->report, "Write a report of the run as JSON; - is stdout")
      ->type_name("FILE");
  command
      ->add_option("--trace", options->trace,
                   "Write what each thread did when, as JSON for chrome://tracing; - is stdout")
      ->type_name("FILE");
  command->add_flag("--quiet", options->quiet, "No progress and no summary on stderr");
  command->callback([&action, options] {
    check_plan_options(options->plan);
    usage_error_of(check_output(options->made.kind, options->made.scaling));
    action = [options] { return run(*options); };
  });
}

}  // namespace sectile::cli
