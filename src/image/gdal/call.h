// GdalCall: a scope in which GDAL's complaints are collected, not printed. Dataset: an open GDAL
// dataset that closes itself.
//
// GDAL reports errors to a handler of the calling thread, and many functions have no other way to
// say that something failed (a warning of a decoder that goes on with wrong pixels; a write that
// fails when a file is closed). So each use of GDAL opens a GdalCall first and asks it afterwards.
// Scopes nest; the innermost one collects.
//
// Thread safety: a GdalCall belongs to the thread that made it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sectile::internal {

// Sets one of GDAL's options for this thread while it lives.
class GdalThreadOption {
 public:
  GdalThreadOption(const char* key, const char* value);
  GdalThreadOption(const GdalThreadOption&) = delete;
  GdalThreadOption& operator=(const GdalThreadOption&) = delete;
  ~GdalThreadOption();

 private:
  const char* key_;
  std::optional<std::string> before_;
};

class GdalCall {
 public:
  GdalCall();
  GdalCall(const GdalCall&) = delete;
  GdalCall& operator=(const GdalCall&) = delete;
  ~GdalCall();

  bool failed() const { return !failure_.empty(); }
  bool warned() const { return !warning_.empty(); }
  // True when the first failure was the file system's.
  bool failed_on_file() const { return failed_on_file_; }
  // The first failure, else the first warning, else "GDAL gave no reason".
  std::string reason() const;

  void add_failure(const char* message, bool on_file);
  void add_warning(const char* message);

 private:
  std::string failure_;
  std::string warning_;
  bool failed_on_file_ = false;
  GdalThreadOption strict_jpeg_;
};

struct CloseDataset {
  void operator()(void* dataset) const;  // silently; close_dataset() below tells
};
using Dataset = std::unique_ptr<void, CloseDataset>;

// Writes out what GDAL still holds and closes. Returns the reason when any of it failed.
std::optional<std::string> close_dataset(Dataset dataset);

// Makes GDAL's formats known. Call before any other use of GDAL; from the second call on it costs
// nothing.
void register_formats();

// A file's share of GDAL's block cache, which is one for the whole process and by default takes a
// twentieth of the machine's memory. With `limit` it is kept at what reading from the top down
// needs: a row of the blocks of each file that is open so, in order that no file's blocks push out
// another's. The limit that was there before comes back with the last of them, unless somebody else
// has set one meanwhile. A GDAL_CACHEMAX of the host's is left alone.
class BlockCacheShare {
 public:
  BlockCacheShare(std::int64_t block_row_bytes, bool limit);
  BlockCacheShare(BlockCacheShare&& other) noexcept;
  BlockCacheShare& operator=(BlockCacheShare&&) = delete;
  ~BlockCacheShare();

  // What the cache may hold for the file.
  std::int64_t bytes() const { return bytes_; }

 private:
  std::int64_t bytes_;
  std::int64_t added_bytes_ = 0;  // to the limit, and taken away again
};

}  // namespace sectile::internal
