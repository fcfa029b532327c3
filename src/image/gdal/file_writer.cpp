#include "src/image/gdal/file_writer.h"

#include <cpl_conv.h>
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "src/image/gdal/approximation.h"
#include "src/image/gdal/classes.h"
#include "src/image/gdal/geo.h"
#include "src/image/gdal/mask_output.h"
#include "src/image/gdal/metadata.h"
#include "src/image/gdal/read_back.h"
#include "src/image/gdal/types.h"

namespace sectile::internal {

namespace {

constexpr const char* kChunkOption = "GDAL_OVR_CHUNK_MAX_SIZE";

std::unexpected<Error> cannot_create(ErrorCode code, const std::string& reason,
                                     const std::string& path) {
  return fail(code, fmt::format("[create_image] {}: {}", reason, path));
}

// A driver may make another image than it was asked for, and say nothing.
Result<Dataset> create_dataset(const OutputFormat& format, const std::string& file,
                               const ImageInfo& info, const std::string& path) {
  const GdalCall call;
  Dataset dataset(GDALCreate(format.driver, file.c_str(), static_cast<int>(info.size.width),
                             static_cast<int>(info.size.height), info.bands,
                             to_gdal(info.pixel_type), format.options.List()));
  if (!dataset || call.failed()) {
    const ErrorCode code = call.failed_on_file() ? ErrorCode::io : ErrorCode::invalid_argument;
    return cannot_create(code, call.reason(), path);
  }
  if (const auto difference = difference_from(dataset.get(), info)) {
    return cannot_create(ErrorCode::invalid_argument,
                         fmt::format("{} makes another image: {}", format.name, *difference), path);
  }
  return dataset;
}

}  // namespace

Result<std::unique_ptr<FileWriter>> FileWriter::create(const OutputFormat& format,
                                                       const ImageInfo& info, const Names& names,
                                                       bool reads_back, const HostOptions& host) {
  auto dataset = format.direct ? create_dataset(format, names.file, info, names.path)
                               : create_dataset(intermediate_format(format, info), names.scratch,
                                                info, names.path);
  if (!dataset) return fail(dataset.error());
  auto status = write_geo(dataset->get(), info, names.path);
  if (!status) return fail(status.error());
  status = write_metadata(dataset->get(), info, format, names.path);
  if (!status) return fail(status.error());
  status = write_approximation(dataset->get(), info, names.path);
  if (!status) return fail(status.error());
  return std::unique_ptr<FileWriter>(
      new FileWriter(format, info, names, std::move(*dataset), reads_back, host));
}

FileWriter::FileWriter(OutputFormat format, ImageInfo info, Names names, Dataset dataset,
                       bool reads_back, const HostOptions& host)
    : format_(std::move(format)),
      info_(std::move(info)),
      names_(std::move(names)),
      host_(host),
      dataset_(std::move(dataset)) {
  if (reads_back) sums_.emplace(info_, format_.loses_detail);
  writer_ = std::make_unique<BlockWriter>(dataset_.get(), info_, sums_ ? &*sums_ : nullptr);
}

Status FileWriter::add(Range rows, std::span<const float> pixels) {
  if (auto reason = writer_->add(rows, pixels)) {
    return failed("write", fmt::format("{} (rows {})", *reason, to_string(rows)));
  }
  return {};
}

Status FileWriter::complete() {
  writer_.reset();
  const bool has_mask_beside = info_.mask && info_.mask_kind == MaskKind::band;
  if (has_mask_beside) {
    if (auto reason = write_mask_band(dataset_.get(), *info_.mask))
      return failed("finish", *reason);
  }
  if (auto reason = close_dataset(std::move(dataset_))) return failed("finish", *reason);
  if (!format_.direct) {
    if (auto status = copy_to_format(); !status) return status;
  }
  if (auto status = check_end_marker(); !status) return status;
  if (has_mask_beside && !has_mask_band(names_.file, *info_.mask)) {
    return failed("finish", "the file was read again: its mask is not the one that was written");
  }
  if (const auto other = other_nodata(names_.file, info_)) return failed("finish", *other);
  if (!sums_) return {};
  const auto wrong = read_back(names_.file, info_, *sums_, format_.loses_detail, host_);
  if (!wrong) return {};
  return failed("finish", fmt::format("the file was read again: {}", *wrong));
}

// GDAL keeps what a format cannot hold in a file beside it. Only a georeference, the names of
// classes, and that the image was approximated, are worth such a file.
Status FileWriter::copy_to_format() {
  const GdalCall call;
  std::optional<GdalThreadOption> no_side_file;
  const bool needs_note = !info_.approximation.empty() && !format_.keeps_approximation;
  const bool needs_file = !is_empty(info_.geo) || needs_note || has_class_names(info_);
  if (!needs_file) no_side_file.emplace("GDAL_PAM_ENABLED", "NO");
  std::optional<GdalThreadOption> small_chunks;  // of overviews; by default ten times as large
  if (CPLGetConfigOption(kChunkOption, nullptr) == nullptr) {
    small_chunks.emplace(kChunkOption, "1000000");
  }
  Dataset from(GDALOpenEx(names_.scratch.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  if (!from) return failed("finish", call.reason());
  Dataset copy(GDALCreateCopy(format_.driver, names_.file.c_str(), from.get(), FALSE,
                              format_.options.List(), nullptr, nullptr));
  if (!copy || call.failed()) return failed("finish", call.reason());
  if (auto reason = close_dataset(std::move(copy))) return failed("finish", *reason);
  from.reset();
  VSIUnlink(names_.scratch.c_str());
  return {};
}

// Some drivers do not look whether their last bytes reached the disk.
Status FileWriter::check_end_marker() const {
  std::string end(format_.end_marker.size(), '\0');
  if (end.empty()) return {};
  VSILFILE* file = VSIFOpenL(names_.file.c_str(), "rb");
  if (file == nullptr) return failed("finish", "the file is gone");
  VSIFSeekL(file, 0, SEEK_END);
  const vsi_l_offset size = VSIFTellL(file);
  const bool has_end = size >= end.size() && VSIFSeekL(file, size - end.size(), SEEK_SET) == 0 &&
                       VSIFReadL(end.data(), 1, end.size(), file) == end.size();
  VSIFCloseL(file);
  if (has_end && end == format_.end_marker) return {};
  return failed("finish", "the file's end was not written; the disk may be full");
}

std::unexpected<Error> FileWriter::failed(const char* operation, const std::string& reason) const {
  return fail(ErrorCode::io, fmt::format("[{}] {}: {}", operation, reason, names_.path));
}

}  // namespace sectile::internal
