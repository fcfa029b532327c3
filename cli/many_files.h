// sectile run --output-dir: one run over each of many files.
#pragma once

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/run_job.h"
#include "sectile/result.h"

namespace sectile::cli {

// A file that fails does not stop the others: `failed` comes at the end, after a line for each.
// Errors: what stops all of them: those of list_files, Model::open and TakenFiles; a network that
// cannot be run; cancelled.
Result<Exit> run_many(const RunCommandOptions& options, const Model& model,
                      ProgressDisplay& display);

}  // namespace sectile::cli
