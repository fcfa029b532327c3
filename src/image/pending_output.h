// PendingOutput: a hidden folder beside an output file, in which the file is made before it
// appears.
//
// A half-written output is never seen under its own name: everything is written inside
// `.NAME.partial-PID-N/`, in the output's own folder and so on its own disk, and publish() renames
// it into place. Side files that a format adds (georeferences, headers) lie in the folder under
// their final names and travel along. Whatever is left is removed with the object.
//
// Thread safety: one thread at a time. Folder names are unique among processes of one machine.
#pragma once

#include <filesystem>
#include <string>

#include "sectile/result.h"

namespace sectile::internal {

class PendingOutput {
 public:
  // Makes the folder. `output` may be a symbolic link: the file it points to is the one that is
  // replaced.
  // Errors: invalid_argument (exists without `overwrite`, or is no plain file), not_found (no such
  // folder), io.
  static Result<PendingOutput> beside(const std::string& output, bool overwrite);

  PendingOutput(PendingOutput&& other) noexcept;
  PendingOutput& operator=(PendingOutput&&) = delete;
  ~PendingOutput();

  // Where the output is made: its own name, inside the folder.
  std::string file() const { return (folder_ / output_.filename()).string(); }
  // A second file, for the use of the maker; remove it before publish().
  std::string scratch_file() const { return file() + ".rows.tif"; }

  // Moves all files of the folder beside the output, the output last, and removes side files of the
  // image that it replaces.
  // Errors: io.
  Status publish();

 private:
  PendingOutput(std::filesystem::path output, std::filesystem::path folder, bool overwrite);
  Status move_side_files();
  Status move_file(const std::filesystem::path& from, const std::filesystem::path& to);
  void remove_stale_side_files();

  std::filesystem::path output_;
  std::filesystem::path folder_;  // empty after a move
  bool overwrite_ = false;
};

}  // namespace sectile::internal
