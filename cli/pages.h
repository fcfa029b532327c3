// sectile run --page all: one run over each page of a file, into the pages of another.
#pragma once

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/run_job.h"
#include "sectile/result.h"

namespace sectile::cli {

bool takes_all_pages(const RunCommandOptions& options);

// Nothing appears unless all pages are done. Errors: those of the runs and of PageFile;
// invalid_argument (several inputs or outputs, a trace).
Result<Exit> run_pages(const RunCommandOptions& options, const Model& model,
                       ProgressDisplay& display);

}  // namespace sectile::cli
