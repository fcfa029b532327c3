// TemporaryImage: an image of f32 that is written once, down its rows, and then read, in memory or
// in a file that has no name: nothing is left behind, whatever ends the process.
//
// Thread safety: sources of one image can be read at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sectile/image.h"
#include "sectile/result.h"

namespace sectile::internal {

class TemporaryImage {
 public:
  // Errors: over_budget.
  static Result<TemporaryImage> in_memory(const ImageInfo& info);
  // Takes the room at once. Errors: io (there is no such folder, or no room in it); the message
  // names the folder and the bytes.
  static Result<TemporaryImage> in_folder(const ImageInfo& info, const std::string& folder);

  // As ImageSink::write. Errors: io.
  Status write(Range rows, std::span<const float> pixels) { return storage_->write(rows, pixels); }

  // REQUIRES: the rows that are read are written. The source keeps what it reads.
  std::unique_ptr<ImageSource> source() const;

  struct Storage {
    explicit Storage(ImageInfo of) : info(std::move(of)) {}
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    virtual ~Storage() = default;
    virtual Status write(Range rows, std::span<const float> pixels) = 0;
    virtual Status read(const Rect& rect, std::span<float> out) const = 0;
    const ImageInfo info;
  };

 private:
  explicit TemporaryImage(std::shared_ptr<Storage> storage) : storage_(std::move(storage)) {}

  std::shared_ptr<Storage> storage_;
};

// The folder for temporary files: $TMPDIR, else /tmp.
std::string default_temp_folder();

// Nothing where there is no such folder.
std::optional<std::int64_t> free_bytes_in(const std::string& folder);

// Whether its files lie in memory (tmpfs).
bool is_in_memory(const std::string& folder);

}  // namespace sectile::internal
