#include <fmt/format.h>

#include "sectile/version.h"
#include "src/base/system.h"
#include "src/image/gdal_version.h"

namespace sectile {

using namespace internal;

namespace {

std::string compiler() {
#if defined(__clang__)
  return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
  return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
  return "unknown";
#endif
}

}  // namespace

std::string build_info() {
  return fmt::format(
      "sectile {}.{}.{}\n"
      "ExecuTorch {}\n"
      "GDAL {}\n"
      "compiler {}\n"
      "processor {}\n",
      SECTILE_VERSION_MAJOR, SECTILE_VERSION_MINOR, SECTILE_VERSION_PATCH,
      SECTILE_EXECUTORCH_VERSION, gdal_version(), compiler(), processor_features());
}

}  // namespace sectile
