#include "src/image/temporary_image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "src/base/integers.h"
#include "src/image/check_access.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kValueBytes = sizeof(float);
constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::string reason() { return std::error_code(errno, std::generic_category()).message(); }

class MemoryStorage final : public TemporaryImage::Storage {
 public:
  explicit MemoryStorage(const ImageInfo& of) : Storage(of), sink_(of) {}

  bool has_memory() const { return !sink_.pixels().empty(); }

  Status write(Range rows, std::span<const float> pixels) override {
    return sink_.write(rows, pixels);
  }
  Status read(const Rect& rect, std::span<float> out) const override {
    return MemorySource(info, sink_.pixels()).read(rect, out);
  }

 private:
  MemorySink sink_;
};

// Band after band, each row by row.
class FileStorage final : public TemporaryImage::Storage {
 public:
  FileStorage(const ImageInfo& of, int file, std::string folder)
      : Storage(of), file_(file), folder_(std::move(folder)) {}
  ~FileStorage() override { close(file_); }

  Status take_room() {
    const std::int64_t size_bytes = info.size.area() * info.bands * kValueBytes;
    do {
      errno = posix_fallocate(file_, 0, size_bytes);
    } while (errno == EINTR);
    if (errno == 0) return {};
    return fail(ErrorCode::io,
                fmt::format("[run] the folder '{}' has no room for {} MiB that one pass keeps for "
                            "later ones ({}): give another folder with --temp-dir, or --keep none",
                            folder_, ceil_div(size_bytes, kMiB), reason()));
  }

  Status write(Range rows, std::span<const float> pixels) override {
    if (auto status = check_write(info, next_row_, rows, pixels.size()); !status) return status;
    const auto count = static_cast<std::size_t>(rows.size() * info.size.width);
    for (int band = 0; band < info.bands; ++band) {
      const auto plane = pixels.subspan(static_cast<std::size_t>(band) * count, count);
      if (auto status = put(std::as_bytes(plane), offset_of(band, rows.begin, 0)); !status) {
        return status;
      }
    }
    next_row_ = rows.end;
    return {};
  }

  Status read(const Rect& rect, std::span<float> out) const override {
    if (auto status = check_read(info, rect, out.size()); !status) return status;
    const bool takes_whole_rows = rect.x.size() == info.size.width;
    const std::int64_t rows_at_once = takes_whole_rows ? rect.y.size() : 1;
    const auto count = static_cast<std::size_t>(rows_at_once * rect.x.size());
    for (int band = 0; band < info.bands; ++band) {
      for (std::int64_t y = rect.y.begin; y < rect.y.end; y += rows_at_once) {
        const auto bytes = std::as_writable_bytes(out.first(count));
        if (auto status = get(bytes, offset_of(band, y, rect.x.begin)); !status) return status;
        out = out.subspan(count);
      }
    }
    return {};
  }

 private:
  std::int64_t offset_of(int band, std::int64_t y, std::int64_t x) const {
    return ((band * info.size.height + y) * info.size.width + x) * kValueBytes;
  }

  Status put(std::span<const std::byte> bytes, std::int64_t offset_bytes) const {
    return move_all(bytes, offset_bytes, pwrite, "write");
  }
  Status get(std::span<std::byte> bytes, std::int64_t offset_bytes) const {
    return move_all(bytes, offset_bytes, pread, "read");
  }

  // The system may move less at a time than it is asked to.
  template <typename Byte, typename Call>
  Status move_all(std::span<Byte> bytes, std::int64_t offset_bytes, Call call,
                  const char* what) const {
    while (!bytes.empty()) {
      const ssize_t done = call(file_, bytes.data(), bytes.size(), offset_bytes);
      if (done < 0 && errno == EINTR) continue;
      if (done == 0) errno = EIO;
      if (done <= 0) return failed(what, bytes.size());
      bytes = bytes.subspan(static_cast<std::size_t>(done));
      offset_bytes += done;
    }
    return {};
  }

  std::unexpected<Error> failed(const char* what, std::size_t size_bytes) const {
    return fail(ErrorCode::io, fmt::format("[run] cannot {} {} bytes of a temporary file in '{}': "
                                           "{}",
                                           what, size_bytes, folder_, reason()));
  }

  const int file_;
  const std::string folder_;
  std::int64_t next_row_ = 0;  // the first that was not written
};

// Of a file without a name; below 0, and errno: there is none.
int open_unnamed(const std::string& folder) {
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string name = folder + "/sectile-XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

class TemporarySource final : public ImageSource {
 public:
  explicit TemporarySource(std::shared_ptr<const TemporaryImage::Storage> storage)
      : storage_(std::move(storage)) {}
  const ImageInfo& info() const override { return storage_->info; }
  Status read(const Rect& rect, std::span<float> out) override { return storage_->read(rect, out); }

 private:
  std::shared_ptr<const TemporaryImage::Storage> storage_;
};

}  // namespace

Result<TemporaryImage> TemporaryImage::in_memory(const ImageInfo& info) {
  if (auto status = check_info(info); !status) return fail(status.error());
  auto storage = std::make_shared<MemoryStorage>(info);
  if (storage->has_memory()) return TemporaryImage(std::move(storage));
  return fail(ErrorCode::over_budget,
              fmt::format("[run] the system has no memory for {} MiB that one pass keeps for later "
                          "ones: --keep file or none needs less",
                          ceil_div(info.size.area() * info.bands * kValueBytes, kMiB)));
}

Result<TemporaryImage> TemporaryImage::in_folder(const ImageInfo& info, const std::string& folder) {
  if (auto status = check_info(info); !status) return fail(status.error());
  const int file = open_unnamed(folder);
  if (file < 0) {
    return fail(ErrorCode::io, fmt::format("[run] cannot make a temporary file in '{}': {}; give "
                                           "another folder with --temp-dir",
                                           folder, reason()));
  }
  auto storage = std::make_shared<FileStorage>(info, file, folder);
  if (auto status = storage->take_room(); !status) return fail(status.error());
  return TemporaryImage(std::move(storage));
}

std::unique_ptr<ImageSource> TemporaryImage::source() const {
  return std::make_unique<TemporarySource>(storage_);
}

std::string default_temp_folder() {
  const char* folder = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): no thread sets it
  return folder == nullptr || *folder == '\0' ? "/tmp" : folder;
}

bool is_in_memory(const std::string& folder) {
  struct statfs system{};
  return statfs(folder.c_str(), &system) == 0 &&
         (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

std::optional<std::int64_t> free_bytes_in(const std::string& folder) {
  struct statvfs system{};
  if (statvfs(folder.c_str(), &system) != 0) return {};
  return static_cast<std::int64_t>(system.f_bavail) * static_cast<std::int64_t>(system.f_frsize);
}

}  // namespace sectile::internal
