// One run of `sectile run`: what it was asked for, what it works on, and its steps.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/files.h"
#include "cli/input.h"
#include "cli/model_facts.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/scaling.h"
#include "cli/taken_files.h"
#include "cli/trace.h"
#include "cli/window.h"
#include "cli/with_facts.h"
#include "sectile/image_files.h"
#include "sectile/run.h"

namespace sectile::cli {

// Of a run over many files.
struct ManyFilesOptions {
  std::string folder;  // of the outputs; empty: the run is over one file
  std::string suffix;
  bool skip_existing = false;
  int jobs = 0;  // files at a time; 0: as many as is best
};

struct RunCommandOptions {
  ModelArgument model;
  std::vector<std::string> files;  // input and output; with many.folder, inputs
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
  ProgressForm progress = ProgressForm::automatic;
  bool quiet = false;
  ManyFilesOptions many;
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

// Null where there is none. Errors: those of ReportFile::open.
Result<std::unique_ptr<ReportFile>> open_report(const std::string& path);

// What is known of the image, as the network takes it.
ImageInfo image_of(const RunCommandOptions& options, const OpenedInput& input);

// With what the model says of itself, where the command line says nothing. Errors: those of
// read_model_facts and with_facts.
Result<RunCommandOptions> with_model_facts(RunCommandOptions options, const Model& model);

// Errors: what the model says of itself and the image do not fit together.
Status check_facts(const OpenedInput& input, const RunCommandOptions& options);

// The model and the files of options, all of them read.
void add_files_of_options(TakenFiles& files, const RunCommandOptions& options);

// All files that the run reads and writes. Errors: invalid_argument (one that is read and written,
// or written twice).
Result<TakenFiles> taken_files(const RunCommandOptions& options);

// Errors: those of with_output and with_window.
Result<PlanOptions> plan_options(const RunCommandOptions& options, const OpenedInput& opened);

// Without on_progress and on_event.
RunOptions run_options(const RunCommandOptions& options, const OpenedInput& input,
                       const std::atomic<bool>& stop);

// Opens the files, makes the plan and starts the outputs. From then on an interrupt sets job.stop.
// Errors: those of the library for each of them; invalid_argument (a file that is read and written,
// or written twice).
Result<Job> prepare(const RunCommandOptions& options, const Model& model);

// Errors: those of sectile::run.
Result<RunReport> carry_out(Job& job, const RunCommandOptions& options, ProgressDisplay& display);

// Errors: io.
Status write_report_and_trace(Job& job, const RunReport& report);

// What is to be said before a run, and after it, on stderr.
void warn_of_large_sums(const Plan& plan);
void print_results(const Plan& plan, const RunReport& report, const std::string& output);
void print_how_approximate(const Plan& plan, const RunReport& report, const std::string& output);

}  // namespace sectile::cli
