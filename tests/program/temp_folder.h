// TempFolder: a folder for one test, removed with everything in it.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "src/base/virtual_file.h"

namespace sectile::internal {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sectile_test_XXXXXX").string();
    path_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~TempFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  // Each writes a file and returns its path.
  std::string write(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream out(file(name), std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    return file(name);
  }

  std::string write(const std::string& name, const VirtualFile& content) const {
    std::ofstream out(file(name), std::ios::binary | std::ios::trunc);
    for (const VirtualFile::Piece& piece : content.pieces()) {
      out.seekp(static_cast<std::streamoff>(piece.offset_bytes));
      out.write(reinterpret_cast<const char*>(piece.bytes.data()),
                static_cast<std::streamsize>(piece.bytes.size()));
    }
    return file(name);
  }

 private:
  std::string path_;
};

}  // namespace sectile::internal
