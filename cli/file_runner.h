// FileRunner: runs files one after the other, with one prepared runner for those of one size.
//
// Thread safety: one thread at a time. Several may run at a time (PlanOptions::concurrent_runs).
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/file_list.h"
#include "cli/progress.h"
#include "cli/run_job.h"
#include "sectile/model.h"
#include "sectile/run.h"

namespace sectile::cli {

// How a file was run, and what its output was to hold.
struct FileReport {
  Plan plan;
  RunReport report;
  ImageInfo output;
};

class FileRunner {
 public:
  // `options`: of every file, but for its names.
  FileRunner(const Model& model, RunCommandOptions options, const std::atomic<bool>& stop)
      : model_(model), options_(std::move(options)), stop_(stop) {}

  // `keep`: files that stay (CreateOptions). Errors: those of prepare() and carry_out(). The next
  // file can be run after each of them.
  Result<FileReport> run(const FileToRun& file, std::vector<std::string> keep,
                         ProgressDisplay& display, ProgressDisplay::Place place);

 private:
  // The last plan that was made, and what it was made for beside the image.
  struct Prepared {
    Plan plan;
    std::optional<Rect> window;
    std::optional<PixelType> output_type;
    Runner runner;

    bool is_for(const ImageInfo& image, const PlanOptions& asked) const;
  };

  // Starts the output. Its plan is the prepared one: a new one where the last one does not do.
  Result<std::unique_ptr<ImageSink>> prepare(const OpenedInput& input);
  Result<std::unique_ptr<ImageSink>> prepare_again(const ImageInfo& image,
                                                   const PlanOptions& asked);

  const Model& model_;
  RunCommandOptions options_;
  const std::atomic<bool>& stop_;
  std::optional<Prepared> prepared_;
};

}  // namespace sectile::cli
