// MappedFile: the bytes of a file, read by the system as they are touched.
//
// A few bytes behind the end can be read too (they are 0): XNNPACK's kernels read past the end of a
// constant.
//
// Thread safety: immutable after open.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "sectile/result.h"

namespace sectile::internal {

class MappedFile {
 public:
  static constexpr std::size_t kSpareBytes = 64;

  // Errors: not_found, io.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, std::span<const std::byte> bytes)
      : path_(std::move(path)), bytes_(bytes) {}
  std::string path_;
  std::span<const std::byte> bytes_;
};

}  // namespace sectile::internal
