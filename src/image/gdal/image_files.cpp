// image_files and its like: what a name stands for to GDAL.
#include "sectile/image_files.h"

#include <cpl_string.h>
#include <gdal.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "src/base/catch_exceptions.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/format.h"

namespace sectile {

using namespace internal;

namespace {

namespace fs = std::filesystem;

bool is_there(const std::string& name) {
  std::error_code ignored;
  return !name.empty() && fs::exists(name, ignored) && !fs::is_directory(name, ignored);
}

// "/vsizip/folder/a.zip/b.tif" -> "folder/a.zip", the part of the name that is a file.
std::string archive_of(std::string name) {
  while (name.starts_with("/vsi")) {
    const std::size_t slash = name.find('/', 1);
    name = slash == std::string::npos ? "" : name.substr(slash + 1);
  }
  std::erase_if(name, [](char c) { return c == '{' || c == '}'; });
  if (const std::size_t comma = name.find(','); !is_there(name) && comma != std::string::npos) {
    name = name.substr(comma + 1);  // /vsisubfile/OFFSET_SIZE,NAME
  }
  while (!name.empty() && !is_there(name)) {
    const std::size_t slash = name.rfind('/');
    name = slash == std::string::npos ? "" : name.substr(0, slash);
  }
  return name;
}

// The parts of a name such as NETCDF:"a.nc":ice, or GTIFF_DIR:2:s.tif, that are files.
void add_parts(const std::string& name, std::set<std::string>& files) {
  const CPLStringList parts(CSLTokenizeString2(name.c_str(), ":", CSLT_ALLOWEMPTYTOKENS));
  for (int begin = 0; begin < parts.size(); ++begin) {
    std::string joined;
    for (int end = begin; end < parts.size(); ++end) {
      joined += end == begin ? parts[end] : std::string(":") + parts[end];
      std::string bare = joined;
      std::erase(bare, '"');
      if (is_there(bare)) files.insert(bare);
      if (const std::string archive = archive_of(bare);
          bare.starts_with("/vsi") && !archive.empty()) {
        files.insert(archive);
      }
    }
  }
}

// A list of a VRT names its sources, but not theirs.
bool is_vrt(const std::string& name) {
  const char* const drivers[] = {"VRT", nullptr};
  return GDALIdentifyDriverEx(name.c_str(), GDAL_OF_RASTER, drivers, nullptr) != nullptr;
}

void add_files(const std::string& name, std::set<std::string>& names,
               std::set<std::string>& files) {
  if (!names.insert(name).second) return;
  add_parts(name, files);
  const Dataset dataset(GDALOpenEx(name.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  const CPLStringList list(dataset ? GDALGetFileList(dataset.get()) : nullptr);
  for (int i = 0; i < list.size(); ++i) {
    add_parts(list[i], files);
    if (is_vrt(list[i])) add_files(list[i], names, files);
  }
}

}  // namespace

bool is_image(const std::string& path) {
  const auto identify = [&]() -> Result<bool> {
    register_formats();
    const GdalCall call;
    return GDALIdentifyDriverEx(path.c_str(), GDAL_OF_RASTER, nullptr, nullptr) != nullptr;
  };
  return catch_exceptions("[is_image]", identify).value_or(false);
}

Result<std::string> usual_ending(const std::string& format) {
  return catch_exceptions("[usual_ending]", [&] {
    register_formats();
    return usual_ending_of(format);
  });
}

Result<std::vector<std::string>> image_files(const std::string& path) {
  using Files = Result<std::vector<std::string>>;
  return catch_exceptions("[image_files]", [&]() -> Files {
    register_formats();
    const GdalCall call;
    std::set<std::string> names;
    std::set<std::string> files;
    add_files(path, names, files);
    return std::vector<std::string>(files.begin(), files.end());
  });
}

}  // namespace sectile
