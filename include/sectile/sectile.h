// Sectile: run an ExecuTorch program over an image of any size, in the memory it is given, with
// the bits of one whole-image run.
//
// Start here. The flow is Model::open -> open_image -> make_plan -> create_image -> run:
//   model.h   what a program is, and its footprint
//   image.h   where pixels come from and go to (metadata.h: what comes with them)
//   plan.h    what a run will do, and what it will take (planned.h: its parts)
//   run.h     doing it, once or many times, and proving it
//   host.h    what a call may change of the whole process
//
// What Sectile does to the process, whatever the options are:
//
// - ExecuTorch's log has one handler. Sectile puts its own there when it first calls ExecuTorch,
//   and again when somebody has replaced it. Lines of Sectile's calls become error messages; all
//   others, those of ExecuTorch's pool threads included, go on to the handler that was there. So
//   the library must stay loaded.
// - ExecuTorch's libraries register their kernels and initialise XNNPACK when they are loaded. The
//   first network that needs one of Sectile's own kernels (resizing with align_corners, or by
//   factors like 3; instance and group norms) adds them to ExecuTorch's table; they stay there.
// - Runs use threads of their own, which end with the run. Runs over a whole image as one tile
//   (and verify) use ExecuTorch's own thread pool, which stays. A plan for another number of
//   threads than the pool has gives it that number: methods that the host itself has loaded on the
//   pool must not be running then.
// - GDALAllRegister is called when the first image file is opened or created. GDAL's error handler
//   and options are set for the calling thread only, while a call lasts.
// - Model::open reads the file and closes it. Outputs are written beside their name and renamed.
//
// Not touched: signal handlers, the locale, environment variables, the allocator's settings,
// floating-point modes, the working directory, stdout and stderr.
#pragma once

#include "sectile/build.h"
#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "sectile/host.h"
#include "sectile/image.h"
#include "sectile/image_files.h"
#include "sectile/mask.h"
#include "sectile/metadata.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/output.h"
#include "sectile/page_file.h"
#include "sectile/plan.h"
#include "sectile/planned.h"
#include "sectile/result.h"
#include "sectile/run.h"
#include "sectile/version.h"
