// docs/formats.md: what each format of GDAL keeps, found by writing files and reading them with
// GDAL alone.
#pragma once

#include <string>
#include <vector>

namespace sectile::internal::testing {

// GDAL's names of all drivers that write rasters.
std::vector<std::string> writable_formats();

// The format's row of the table. Empty when every image is refused. Throws std::runtime_error when
// a file is not what was written to it, or when that was found out only after the run.
std::string row_of_format(const std::string& driver);

// The page. Takes some minutes.
std::string formats_page();

}  // namespace sectile::internal::testing
