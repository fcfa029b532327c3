// Trace: what each thread of a run did when, as the JSON that chrome://tracing and Perfetto show.
#pragma once

#include <memory>
#include <string>

#include "cli/files.h"
#include "sectile/options.h"

namespace sectile::cli {

// Events go to the file as they come, so that a long run takes no memory for them.
// Thread safety: none; the library calls on_event from one thread at a time.
class Trace {
 public:
  // Errors: those of ReportFile::open.
  static Result<std::unique_ptr<Trace>> open(const std::string& path);

  // The first `workers` of the threads that it names are the plan's.
  void begin(int workers);
  void add(const RunEvent& event);
  Status finish();

 private:
  explicit Trace(std::unique_ptr<ReportFile> file) : file_(std::move(file)) {}

  std::unique_ptr<ReportFile> file_;
};

}  // namespace sectile::cli
