// One run of `sectile run`: what it was asked for, what it works on, and its steps.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/files.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/scaling.h"
#include "cli/trace.h"
#include "cli/window.h"
#include "sectile/image_files.h"
#include "sectile/run.h"

namespace sectile::cli {

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
  OutputArgument output_scaling;
  std::optional<PixelType> output_type;
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

// Opens the files, makes the plan and starts the outputs. From then on an interrupt sets job.stop.
// Errors: those of the library for each of them; invalid_argument (a file that is read and written,
// or written twice).
Result<Job> prepare(const RunCommandOptions& options);

// Errors: those of sectile::run.
Result<RunReport> carry_out(Job& job, const RunCommandOptions& options);

// Errors: io.
Status write_report_and_trace(Job& job, const RunReport& report);

// What is to be said before a run, and after it, on stderr.
void warn_of_large_sums(const Plan& plan);
void print_results(const Plan& plan, const RunReport& report, const std::string& output);

}  // namespace sectile::cli
