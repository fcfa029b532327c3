// The files of a run: what its output is made of, and the report and the trace.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "sectile/image.h"
#include "sectile/result.h"

namespace sectile::cli {

// ASCII's, as file endings and GDAL's drivers are compared.
std::string in_small_letters(std::string text);

// What the output's pixels are by default: the input's own type, or the nearest that PNG (u8, u16)
// or JPEG (u8) can hold. `format` is a GDAL driver's name; empty, the ending of `path` decides.
PixelType default_output_type(PixelType input, const std::string& path, const std::string& format);

// A text file that appears under its name only when it is complete. Whether it can be written shows
// on open, before the work that it reports on. Destroying it unfinished leaves nothing.
class ReportFile {
 public:
  // `what` is "report" or the like, for messages. Errors: not_found (no such folder), io. The path
  // "-" stands for stdout.
  static Result<std::unique_ptr<ReportFile>> open(const std::string& path, const std::string& what);
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  // What cannot be written shows in finish().
  void append(const std::string& text);
  // Replaces a file of that name. Call once, after the last text. Errors: io.
  Status finish();

 private:
  ReportFile(std::string what, std::filesystem::path path, std::filesystem::path partial)
      : what_(std::move(what)),
        path_(std::move(path)),
        partial_(std::move(partial)),
        file_(partial_) {}
  std::unexpected<Error> cannot_write(const std::string& reason) const;

  std::string what_;
  std::filesystem::path path_;
  std::filesystem::path partial_;  // empty for stdout
  std::ofstream file_;
};

}  // namespace sectile::cli
