// sectile run: an image in, an image out.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/many_files.h"
#include "cli/output.h"
#include "cli/pages.h"
#include "cli/run_job.h"

namespace sectile::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  sectile run denoise.pte scene.tif clean.tif --memory 512M
  sectile run upscale2x.pte photo.jpg large.png --threads 4 --report report.json
  sectile run unet.pte scene.tif mask.tif --output-type f32 --format COG --co COMPRESS=ZSTD
  sectile run denoise.pte scene.tif part.tif --window 2000,1100,1000x777
  sectile run denoise.pte scene.tif part.tif --bounds 499980,5290220,505980,5296220
  sectile run net.pte photo.png out.png --input-mean 0.485,0.456,0.406 --input-std 0.229
  sectile run denoise.pte photos --output-dir clean --suffix _clean --skip-existing
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
--output-dir runs over many files: images, and all images in folders (not in folders in those). An
output has the name of its input, the suffix, and the input's ending where it is one of the above,
else .tif (with --format, the format's usual one). The program is prepared once for each size. A
file that fails does not stop the others: at the end stderr has a line for it, and the exit is 1.
On a terminal, stderr shows progress. Ctrl-C stops within one tile and leaves no unfinished output;
of many files, --skip-existing goes on from there.
--progress json writes lines of JSON to stderr and nothing else. Each has "event": "progress" (file,
its steps done and total, files_done, files_failed, files_total, seconds, seconds_left), "warning",
"note", "error", "summary" (the text has that key too), or at the end "finish" (outcome: done,
failed or interrupted).
--report writes JSON: the keys of `plan --json`, and seconds (total, read, compute, copy, write; the
middle two added up over the workers) and peak_rss_bytes. It replaces an older report. Of many
files it is a list with an entry for each: input_file, output_file, these keys, or else error or
skipped.
--trace writes JSON for chrome://tracing and Perfetto: what the reader, the writer and each worker
did when.
--approximate is for networks that cannot be cut exactly. It runs the program at the size it was
exported for, in tiles that overlap, and blends them. The result is not bit-identical to a whole-
image run; the summary, the report and the file's metadata (SECTILE_APPROXIMATE) say so, and how far
neighbouring tiles disagree.)";

Result<Exit> run_one(const RunCommandOptions& options, const Model& model,
                     ProgressDisplay& display) {
  auto job = prepare(options, model);
  if (!job) return fail(job.error());
  if (!options.quiet) warn_of_large_sums(job->plan);
  const auto report = carry_out(*job, options, display);
  if (!report) return fail(report.error());
  if (auto status = write_report_and_trace(*job, *report); !status) return fail(status.error());
  if (options.quiet) return Exit::done;
  print_results(job->plan, *report, options.output);
  return Exit::done;
}

Result<Exit> run_all(const RunCommandOptions& given, ProgressDisplay& display) {
  const auto model = given.model.open();
  if (!model) return fail(model.error());
  const auto options = with_model_facts(given, *model);
  if (!options) return fail(options.error());
  if (!options->many.folder.empty()) return run_many(*options, *model, display);
  if (takes_all_pages(*options)) return run_pages(*options, *model, display);
  return run_one(*options, *model, display);
}

Result<Exit> run(const RunCommandOptions& options) {
  ProgressDisplay display(options.quiet ? ProgressForm::none : options.progress);
  const auto exit = run_all(options, display);
  const Exit outcome = exit ? *exit : fail_with(exit.error());
  display.finish(outcome);
  return outcome;
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

void add_many_files_options(CLI::App& command, RunCommandOptions& options) {
  ManyFilesOptions& many = options.many;
  auto* folder =
      command
          .add_option("--output-dir", many.folder,
                      "Run over each INPUT and write the outputs to this folder, which is made\n"
                      "where it is missing")
          ->type_name("DIR");
  command
      .add_option("--suffix", many.suffix,
                  "What their names have more than the inputs', e.g. _clean (default: nothing)")
      ->type_name("TEXT")
      ->needs(folder);
  command.add_flag("--skip-existing", many.skip_existing, "Leave out inputs whose output exists")
      ->needs(folder)
      ->excludes("--overwrite");
  add_parsed(
      command, "--jobs", many.jobs, parse_count,
      "Files at a time, which share the threads and the memory limit (default: one per thread\n"
      "for images of up to 4 megapixels without --memory, else 1)")
      ->type_name("N")
      ->needs(folder);
}

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

void check_many_files(const RunCommandOptions& options) {
  if (!options.more_inputs.empty()) {
    refuse("--more-input",
           "with --output-dir each file is a run of its own; leave out one of both");
  }
  if (!options.more_outputs.empty()) {
    refuse("--more-output", "with --output-dir each run has one output; leave out one of both");
  }
  if (!options.trace.empty()) {
    refuse("--trace", "a trace is of one run, and --output-dir makes many; leave out one of both");
  }
  if (options.many.suffix.find('/') != std::string::npos) {
    refuse("--suffix",
           fmt::format("'{}' has a /; name another folder with --output-dir", options.many.suffix));
  }
}

// INPUT and OUTPUT, or the inputs of many runs. Throws CLI::ValidationError.
void check_files(RunCommandOptions& options) {
  if (!options.many.folder.empty()) return check_many_files(options);
  if (options.files.size() != 2) {
    refuse(
        "INPUT OUTPUT",
        fmt::format("{} given ({}); name the image to read and the one to write, or name a "
                    "folder for the outputs with --output-dir",
                    options.files.size() == 1 ? "1 file was"
                                              : fmt::format("{} files were", options.files.size()),
                    fmt::join(options.files, " ")));
  }
  options.input = options.files[0];
  options.output = options.files[1];
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Run a program over an image file");
  command->footer(kFooter);
  auto options = std::make_shared<RunCommandOptions>();
  add_model(*command, options->model);
  command
      ->add_option("INPUT", options->files,
                   "The image to read, in any format that GDAL reads, and OUTPUT, the image to\n"
                   "write; with --output-dir, images and folders of images to read")
      ->required()
      ->type_name("");
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
  add_many_files_options(*command, *options);
  add_output_options(*command, options->made.kind);
  add_scaling_options(*command, options->scaling, options->made.scaling);
  command->add_option("--report", options->report, "Write a report of the run as JSON; - is stdout")
      ->type_name("FILE");
  command
      ->add_option("--trace", options->trace,
                   "Write what each thread did when, as JSON for chrome://tracing; - is stdout")
      ->type_name("FILE");
  auto* quiet =
      command->add_flag("--quiet", options->quiet, "No progress and no summary on stderr");
  add_parsed(*command, "--progress", options->progress, parse_progress,
             "What stderr shows of it: bar, json (lines of JSON, messages too) or none\n"
             "(default: a bar on a terminal)")
      ->type_name("bar|json|none")
      ->excludes(quiet);
  command->callback([&action, options] {
    check_plan_options(options->plan);
    usage_error_of(check_output(options->made.kind, options->made.scaling));
    check_files(*options);
    action = [options] { return run(*options); };
  });
}

}  // namespace sectile::cli
