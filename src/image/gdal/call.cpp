#include "src/image/gdal/call.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "src/base/escaped.h"
#include "src/image/gdal_version.h"

namespace sectile::internal {

namespace {

// Some libraries below GDAL send several lines, or end one.
std::string one_line(const char* message, const char* if_empty) {
  std::string text(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text.empty() ? if_empty : escaped(text);
}

bool is_about_files(CPLErrorNum number) {
  return number == CPLE_FileIO || number == CPLE_OpenFailed || number == CPLE_NoWriteAccess;
}

void CPL_STDCALL collect(CPLErr severity, CPLErrorNum number, const char* message) {
  auto* call = static_cast<GdalCall*>(CPLGetErrorHandlerUserData());
  if (severity == CE_Warning) call->add_warning(message);
  if (severity >= CE_Failure) call->add_failure(message, is_about_files(number));
}

}  // namespace

GdalThreadOption::GdalThreadOption(const char* key, const char* value) : key_(key) {
  if (const char* before = CPLGetThreadLocalConfigOption(key, nullptr)) before_ = before;
  CPLSetThreadLocalConfigOption(key, value);
}

GdalThreadOption::~GdalThreadOption() {
  CPLSetThreadLocalConfigOption(key_, before_ ? before_->c_str() : nullptr);
}

// Without the option, GDAL reports only the first oddity that libjpeg meets in a file and fills
// what is missing with grey.
GdalCall::GdalCall() : strict_jpeg_("GDAL_ERROR_ON_LIBJPEG_WARNING", "YES") {
  CPLPushErrorHandlerEx(collect, this);
  CPLSetCurrentErrorHandlerCatchDebug(FALSE);
  CPLErrorReset();
}

GdalCall::~GdalCall() {
  CPLPopErrorHandler();
  CPLErrorReset();
}

std::string GdalCall::reason() const {
  if (failed()) return failure_;
  return warned() ? warning_ : "GDAL gave no reason";
}

void GdalCall::add_failure(const char* message, bool on_file) {
  if (failed()) return;
  failure_ = one_line(message, "GDAL failed");
  failed_on_file_ = on_file;
}

void GdalCall::add_warning(const char* message) {
  if (!warned()) warning_ = one_line(message, "GDAL warned");
}

void CloseDataset::operator()(void* dataset) const {
  const GdalCall call;
  GDALClose(dataset);
}

std::optional<std::string> close_dataset(Dataset dataset) {
  const GdalCall call;
  GDALFlushCache(dataset.get());
  GDALClose(dataset.release());
  if (call.failed()) return call.reason();
  return std::nullopt;
}

namespace {

// The cache's limit while any share is open.
class BlockCacheLimit {
 public:
  void grow(std::int64_t by_bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes_ == 0) before_bytes_ = GDALGetCacheMax64();
    const bool is_ours = bytes_ == 0 || GDALGetCacheMax64() == bytes_;
    bytes_ += by_bytes;
    if (is_ours) GDALSetCacheMax64(bytes_ > 0 ? bytes_ : before_bytes_);
  }

 private:
  std::mutex mutex_;
  std::int64_t bytes_ = 0;
  std::int64_t before_bytes_ = 0;
};

BlockCacheLimit& block_cache_limit() {
  static BlockCacheLimit limit;
  return limit;
}

}  // namespace

BlockCacheShare::BlockCacheShare(std::int64_t block_row_bytes, bool limit) {
  constexpr std::int64_t kSpareBytes = std::int64_t{1} << 20;
  if (!limit || CPLGetConfigOption("GDAL_CACHEMAX", nullptr) != nullptr) {
    bytes_ = GDALGetCacheMax64();
    return;
  }
  bytes_ = block_row_bytes + kSpareBytes;
  added_bytes_ = bytes_;
  block_cache_limit().grow(added_bytes_);
}

BlockCacheShare::BlockCacheShare(BlockCacheShare&& other) noexcept
    : bytes_(other.bytes_), added_bytes_(std::exchange(other.added_bytes_, 0)) {}

BlockCacheShare::~BlockCacheShare() {
  if (added_bytes_ > 0) block_cache_limit().grow(-added_bytes_);
}

void register_formats() {
  static std::once_flag once;
  std::call_once(once, GDALAllRegister);
}

std::string gdal_version() { return GDALVersionInfo("RELEASE_NAME"); }

}  // namespace sectile::internal
