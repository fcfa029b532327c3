// create_image: any format that GDAL writes.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sectile/image_files.h"
#include "src/base/catch_exceptions.h"
#include "src/image/check_access.h"
#include "src/image/gdal/call.h"
#include "src/image/gdal/file_writer.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/mask_output.h"
#include "src/image/gdal/neighbours.h"
#include "src/image/gdal/probe.h"
#include "src/image/held_memory.h"
#include "src/image/pending_output.h"

namespace sectile {

using namespace internal;

namespace {

class GdalSink final : public ImageSink {
 public:
  // `file`: the image as the file has it (as_in_file); `bands`: how many of its bands are given.
  GdalSink(std::string path, const ImageInfo& file, int bands, PendingOutput staging,
           std::unique_ptr<FileWriter> writer)
      : path_(std::move(path)),
        info_(file),
        staging_(std::move(staging)),
        writer_(std::move(writer)) {
    info_.held_bytes =
        writing_bytes(file, writer_->block()) + encoder_bytes(writer_->format(), file);
    info_.bands = bands;
    if (!info_.metadata.bands.empty()) {
      info_.metadata.bands.resize(static_cast<std::size_t>(bands));
    }
    if (info_.mask_kind == MaskKind::nodata || info_.mask_kind == MaskKind::alpha)
      masked_.emplace(file);
  }

  const ImageInfo& info() const override { return info_; }
  Status write(Range rows, std::span<const float> pixels) override;
  Status complete() override;
  Status finish() override;

 private:
  enum class State { open, completed, finished, failed };

  Status check_open(const char* operation) const;
  Status add(Range rows, std::span<const float> pixels);

  std::string path_;  // as the caller wrote it
  ImageInfo info_;
  PendingOutput staging_;  // goes after the writer, whose file lies in it
  std::unique_ptr<FileWriter> writer_;
  std::optional<MaskedPixels> masked_;
  State state_ = State::open;
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
  auto status = check_write(info_, writer_->next_row(), rows, pixels.size());
  if (!status) return status;
  status = add(rows, pixels);
  if (!status) state_ = State::failed;
  return status;
}

Status GdalSink::add(Range rows, std::span<const float> pixels) {
  if (!masked_) return writer_->add(rows, pixels);
  const std::int64_t rows_at_once = masked_rows_at_a_time(info_);
  for (std::int64_t y = rows.begin; y < rows.end; y += rows_at_once) {
    const Range part{y, std::min(y + rows_at_once, rows.end)};
    auto status = writer_->add(part, masked_->take(part, rows, pixels));
    if (!status) return status;
  }
  return {};
}

Status GdalSink::complete() {
  if (auto status = check_open("finish"); !status) return status;
  if (auto status = check_complete(info_, writer_->next_row()); !status) return status;
  auto status = writer_->complete();
  state_ = status ? State::completed : State::failed;
  return status;
}

Status GdalSink::finish() {
  if (state_ != State::completed) {
    if (auto status = complete(); !status) return status;
  }
  state_ = State::finished;
  return staging_.publish();
}

Result<std::unique_ptr<ImageSink>> create_file(const std::string& path, const ImageInfo& info,
                                               const CreateOptions& options) {
  register_formats();
  const auto plain = choose_format(path, info, options);
  if (!plain) return fail(plain.error());
  ImageInfo made = as_in_file(info, *plain);
  const auto format = choose_format(path, made, options);
  if (!format) return fail(format.error());
  made.bits = format->bits;
  auto staging = PendingOutput::beside(path, options.overwrite);
  if (!staging) return fail(staging.error());
  auto probe = probe_format(*format, made, path, staging->folder());
  if (!probe) return fail(probe.error());
  auto stale = find_stale_files(*staging, *probe, made, options);
  if (!stale) return fail(stale.error());
  staging->remove_with_publish(std::move(*stale));
  auto writer =
      FileWriter::create(probe->format, made, {path, staging->file(), staging->scratch_file()},
                         !format->reports_every_failure, options.host);
  if (!writer) return fail(writer.error());
  return std::make_unique<GdalSink>(path, made, info.bands, std::move(*staging),
                                    std::move(*writer));
}

}  // namespace

Result<std::unique_ptr<ImageSink>> create_image(const std::string& path, const ImageInfo& info,
                                                const CreateOptions& options) {
  return catch_exceptions("[create_image]", [&] { return create_file(path, info, options); });
}

}  // namespace sectile
