// Sectile: run an ExecuTorch program over an image of any size, in the memory it is given, with the
// bits of one whole-image run.
//
// Start here. The flow is Model::open -> open_image -> make_plan -> create_image -> run:
//   model.h   what a program is, and its footprint
//   image.h   where pixels come from and go to
//   plan.h    what a run will do, and what it will take
//   run.h     doing it, once or many times, and proving it
#pragma once

#include "sectile/build.h"
#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/image_files.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/plan.h"
#include "sectile/result.h"
#include "sectile/run.h"
#include "sectile/version.h"
