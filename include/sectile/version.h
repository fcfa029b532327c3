// The library's version. CMake reads the three numbers from here; there is no second place.
#pragma once

#define SECTILE_VERSION_MAJOR 0
#define SECTILE_VERSION_MINOR 1
#define SECTILE_VERSION_PATCH 0
