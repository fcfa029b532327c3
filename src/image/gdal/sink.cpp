// create_image: any format that GDAL writes.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "sectile/image_files.h"
#include "src/base/catch_exceptions.h"
#include "src/image/check_access.h"
#include "src/image/gdal/approximation.h"
#include "src/image/gdal/block_writer.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/geo.h"
#include "src/image/gdal/types.h"
#include "src/image/held_memory.h"
#include "src/image/pending_output.h"

namespace sectile {

using namespace internal;

namespace {

class GdalSink final : public ImageSink {
 public:
  GdalSink(std::string path, ImageInfo info, OutputFormat format, PendingOutput staging,
           Dataset dataset, const HostOptions& host)
      : path_(std::move(path)),
        info_(std::move(info)),
        format_(std::move(format)),
        staging_(std::move(staging)),
        dataset_(std::move(dataset)),
        writer_(dataset_.get(), info_),
        host_(host) {
    info_.held_bytes = writing_bytes(info_, writer_.block());
  }

  const ImageInfo& info() const override { return info_; }
  Status write(Range rows, std::span<const float> pixels) override;
  Status complete() override;
  Status finish() override;

 private:
  enum class State { open, completed, finished, failed };

  Status check_open(const char* operation) const;
  Status copy_to_format();
  Status check_end_marker() const;
  Status read_back() const;
  std::unexpected<Error> failed(const char* operation, const std::string& reason) const;

  std::string path_;  // as the caller wrote it
  ImageInfo info_;
  OutputFormat format_;
  PendingOutput staging_;  // goes after the dataset, which lies in it
  Dataset dataset_;        // the output, or the file that is copied to it
  BlockWriter writer_;
  State state_ = State::open;
  HostOptions host_;
};

Status GdalSink::check_open(const char* operation) const {
  if (state_ == State::open) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[{}] this output {}: create it again: {}", operation,
                  state_ == State::failed ? "failed before" : "is finished already", path_));
}

Status GdalSink::write(Range rows, std::span<const float> pixels) {
  if (auto status = check_open("write"); !status) return status;
  auto status = check_write(info_, writer_.next_row(), rows, pixels.size());
  if (!status) return status;
  if (auto reason = writer_.add(rows, pixels)) {
    state_ = State::failed;
    return failed("write", fmt::format("{} (rows {})", *reason, to_string(rows)));
  }
  return {};
}

Status GdalSink::complete() {
  if (auto status = check_open("finish"); !status) return status;
  if (auto status = check_complete(info_, writer_.next_row()); !status) return status;
  state_ = State::failed;  // unless all that follows succeeds
  if (auto reason = close_dataset(std::move(dataset_))) return failed("finish", *reason);
  if (!format_.direct) {
    if (auto status = copy_to_format(); !status) return status;
  }
  if (!format_.end_marker.empty()) {
    if (auto status = check_end_marker(); !status) return status;
  } else if (!format_.reports_every_failure) {
    if (auto status = read_back(); !status) return status;
  }
  state_ = State::completed;
  return {};
}

Status GdalSink::finish() {
  if (state_ != State::completed) {
    if (auto status = complete(); !status) return status;
  }
  state_ = State::finished;
  return staging_.publish();
}

// GDAL keeps what a format cannot hold in a file beside it. Only a georeference, and that the image
// was approximated, are worth such a file.
Status GdalSink::copy_to_format() {
  const GdalCall call;
  std::optional<GdalThreadOption> no_side_file;
  const bool needs_note = !info_.approximation.empty() && !format_.keeps_approximation;
  if (is_empty(info_.geo) && !needs_note) no_side_file.emplace("GDAL_PAM_ENABLED", "NO");
  const std::string from_file = staging_.scratch_file();
  Dataset from(GDALOpenEx(from_file.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!from) return failed("finish", call.reason());
  Dataset copy(GDALCreateCopy(format_.driver, staging_.file().c_str(), from.get(), FALSE,
                              format_.options.List(), nullptr, nullptr));
  if (!copy || call.failed()) return failed("finish", call.reason());
  if (auto reason = close_dataset(std::move(copy))) return failed("finish", *reason);
  from.reset();
  std::error_code ignored;
  std::filesystem::remove(from_file, ignored);
  return {};
}

// Some drivers do not look whether their last bytes reached the disk.
Status GdalSink::check_end_marker() const {
  std::string end(format_.end_marker.size(), '\0');
  std::ifstream file(staging_.file(), std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  file.read(end.data(), static_cast<std::streamsize>(end.size()));
  if (file && end == format_.end_marker) return {};
  return failed("finish", "the file's end was not written; the disk may be full");
}

// For drivers of which we know nothing: a file that reads from end to end is complete.
Status GdalSink::read_back() const {
  auto source = open_image(staging_.file(), host_);
  if (!source) return failed("finish", source.error().message);
  const ImageInfo& written = (*source)->info();
  if (written.size != info_.size) return failed("finish", "the file reads back with another size");
  const Size block = written.block;
  std::vector<float> pixels;
  for (std::int64_t y = 0; y < info_.size.height; y += block.height) {
    for (std::int64_t x = 0; x < info_.size.width; x += block.width) {
      const Rect rect =
          Rect{{y, y + block.height}, {x, x + block.width}}.intersect(Rect::of(info_.size));
      pixels.resize(static_cast<std::size_t>(rect.area() * written.bands));
      if (auto status = (*source)->read(rect, pixels); !status) {
        return failed("finish", status.error().message);
      }
    }
  }
  return {};
}

std::unexpected<Error> GdalSink::failed(const char* operation, const std::string& reason) const {
  return fail(ErrorCode::io, fmt::format("[{}] {}: {}", operation, reason, path_));
}

Result<Dataset> create_dataset(const OutputFormat& format, const std::string& file,
                               const ImageInfo& info, const std::string& path) {
  const GdalCall call;
  Dataset dataset(GDALCreate(format.driver, file.c_str(), static_cast<int>(info.size.width),
                             static_cast<int>(info.size.height), info.bands,
                             to_gdal(info.pixel_type), format.options.List()));
  if (dataset && !call.failed()) return dataset;
  const ErrorCode code = call.failed_on_file() ? ErrorCode::io : ErrorCode::invalid_argument;
  return fail(code, fmt::format("[create_image] {}: {}", call.reason(), path));
}

Result<std::unique_ptr<ImageSink>> create_file(const std::string& path, const ImageInfo& info,
                                               const CreateOptions& options) {
  register_formats();
  auto format = choose_format(path, info, options);
  if (!format) return fail(format.error());
  auto staging = PendingOutput::beside(path, options.overwrite);
  if (!staging) return fail(staging.error());
  auto dataset = format->direct ? create_dataset(*format, staging->file(), info, path)
                                : create_dataset(intermediate_format(*format, info),
                                                 staging->scratch_file(), info, path);
  if (!dataset) return fail(dataset.error());
  if (auto status = write_geo(dataset->get(), info, path); !status) return fail(status.error());
  if (auto status = write_approximation(dataset->get(), info, path); !status) {
    return fail(status.error());
  }
  return std::make_unique<GdalSink>(path, info, std::move(*format), std::move(*staging),
                                    std::move(*dataset), options.host);
}

}  // namespace

Result<std::unique_ptr<ImageSink>> create_image(const std::string& path, const ImageInfo& info,
                                                const CreateOptions& options) {
  return catch_exceptions("[create_image]", [&] { return create_file(path, info, options); });
}

}  // namespace sectile
