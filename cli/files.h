// The files of a run: that none is written over another, and the report.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sectile/image.h"
#include "sectile/result.h"

namespace sectile::cli {

// Whether both names lead to one file, links included.
bool same_file(const std::string& a, const std::string& b);

// What the output's pixels are by default: the input's own type, or the nearest that PNG (u8, u16)
// or JPEG (u8) can hold. `format` is a GDAL driver's name; empty, the ending of `path` decides.
PixelType default_output_type(PixelType input, const std::string& path, const std::string& format);

// A text file that appears under its name only when it is complete. Whether it can be written shows
// on open, before the work that it reports on. Destroying it unfinished leaves nothing.
class ReportFile {
 public:
  // Errors: not_found (no such folder), io. The path "-" stands for stdout.
  static Result<std::unique_ptr<ReportFile>> open(const std::string& path);
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  // Writes all of it, and replaces a file of that name. Call once. Errors: io.
  Status write(const std::string& text);

 private:
  ReportFile(std::filesystem::path path, std::filesystem::path partial)
      : path_(std::move(path)), partial_(std::move(partial)) {}

  std::filesystem::path path_;
  std::filesystem::path partial_;  // empty for stdout
};

}  // namespace sectile::cli
