// FileWriter: the pixels of one image into one file, and the check that they are in it.
//
// A format that takes blocks gets them as they come. For the others, rows go to a plain TIFF first,
// which is copied when it is complete.
//
// Memory: that of BlockWriter; of reading back, a block of each band, or a few rows.
// Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sectile/host.h"
#include "sectile/image.h"
#include "src/image/gdal/block_writer.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/pixel_sums.h"

namespace sectile::internal {

class FileWriter {
 public:
  struct Names {
    std::string path;     // the output, as the caller wrote it: for messages
    std::string file;     // where it is made
    std::string scratch;  // the TIFF before it is copied; removed after that
  };

  // `reads_back`: complete() reads the file and compares it with what was written.
  // Errors: io, invalid_argument (the driver makes another image than `info` asks for).
  static Result<std::unique_ptr<FileWriter>> create(const OutputFormat& format,
                                                    const ImageInfo& info, const Names& names,
                                                    bool reads_back, const HostOptions& host);

  // As ImageSink::write.
  Status add(Range rows, std::span<const float> pixels);
  // Closes and checks the file. Call once, after the last row. Errors: io.
  Status complete();

  std::int64_t next_row() const { return writer_->next_row(); }
  Size block() const { return writer_->block(); }
  const std::string& format() const { return format_.name; }

 private:
  FileWriter(OutputFormat format, ImageInfo info, Names names, Dataset dataset, bool reads_back,
             const HostOptions& host);
  Status copy_to_format();
  Status check_end_marker() const;
  std::unexpected<Error> failed(const char* operation, const std::string& reason) const;

  OutputFormat format_;
  ImageInfo info_;
  Names names_;
  HostOptions host_;
  std::optional<PixelSums> sums_;        // where the file is read back
  Dataset dataset_;                      // the output, or the file that is copied to it
  std::unique_ptr<BlockWriter> writer_;  // none once complete
};

}  // namespace sectile::internal
