// That nothing that a command reads is written to, and nothing twice.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sectile/result.h"

namespace sectile::cli {

// A file that is read or written: what for, the name that the user gave, and the file itself.
struct NamedFile {
  std::string what;
  std::string name;
  std::string file;
};

// Thread safety: const members from any thread.
class TakenFiles {
 public:
  void read(const NamedFile& file);
  // With all files that it stands for. Errors: those of image_files.
  Status read_image(const std::string& name);
  // Errors: invalid_argument: that file is read, or written already, by this name or another one.
  // The message ends with `advice`.
  Status write(const NamedFile& file, const std::string& advice = "give it another name");

  // All that are read.
  const std::vector<std::string>& read_files() const { return read_files_; }
  // Those of them that writing `output` could replace or remove: in its folder, and of a name that
  // begins like its own.
  std::vector<std::string> read_files_beside(const std::string& output) const;

 private:
  std::map<std::string, NamedFile> taken_;  // by what is the same for all names of a file
  std::vector<std::string> read_files_;
  std::multimap<std::string, std::string> read_by_folder_;
};

}  // namespace sectile::cli
