// The library's version, and what it was built from. CMake reads the three numbers from here; there
// is no second place.
#pragma once

#include <string>

#define SECTILE_VERSION_MAJOR 0
#define SECTILE_VERSION_MINOR 1
#define SECTILE_VERSION_PATCH 0

namespace [[gnu::visibility("default")]] sectile {

// What a report of a fault needs, a line each, in this order: Sectile, ExecuTorch (that of the
// build), GDAL (the library that is loaded, or "none"), the compiler, the processor with those of
// its features that decide which kernels run.
std::string build_info();

}  // namespace sectile
