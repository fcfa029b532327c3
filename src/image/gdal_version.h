// Which GDAL reads and writes files.
#pragma once

#include <string>

namespace sectile::internal {

// "3.6.2", of the library that is loaded; "none" without GDAL.
std::string gdal_version();

}  // namespace sectile::internal
