// PendingOutput: a hidden folder beside an output file, in which the file is made before it
// appears.
//
// A half-written output is never seen under its own name: everything is written inside
// `.NAME.partial-PID-N/`, in the output's own folder and so on its own disk, and publish() renames
// it into place. Side files that a format adds (georeferences, headers) lie with the file under
// their final names and travel along. Whatever is left is removed with the object.
//
// Thread safety: one thread at a time. Folder names are unique among processes of one machine.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sectile/result.h"

namespace sectile::internal {

class PendingOutput {
 public:
  // Makes the folder. `output` may be a symbolic link: the file it points to is the one that is
  // replaced.
  // Errors: invalid_argument (exists without `overwrite`, is no plain file or is read-only; a name
  // that is too long), not_found (no such folder), io.
  static Result<PendingOutput> beside(const std::string& output, bool overwrite);

  PendingOutput(PendingOutput&& other) noexcept;
  PendingOutput& operator=(PendingOutput&&) = delete;
  ~PendingOutput();

  // The file that will appear.
  const std::filesystem::path& output() const { return output_; }
  // Where it is made: its own name, inside the folder.
  std::string file() const { return (made() / output_.filename()).string(); }
  // A second file, for the use of the maker.
  std::string scratch_file() const { return (folder_ / "rows.tif").string(); }
  // The folder itself, for what else is made there before publish().
  std::string folder() const { return folder_.string(); }

  // publish() removes these files, which lie beside the output.
  void remove_with_publish(std::vector<std::filesystem::path> files) { stale_ = std::move(files); }

  // Moves all files that were made beside the output, the output last. A file that is replaced
  // gives the output its access rights. When any of it fails, all files are as they were.
  // Errors: io.
  Status publish();

 private:
  PendingOutput(std::filesystem::path output, std::filesystem::path folder, bool overwrite);
  std::filesystem::path made() const { return folder_ / "new"; }
  Status move_all();
  Status move_file(const std::filesystem::path& from, const std::filesystem::path& to);
  Status set_aside(const std::filesystem::path& file);
  void keep_access_rights() const;
  void undo();

  std::filesystem::path output_;
  std::filesystem::path folder_;  // empty after a move
  bool overwrite_ = false;
  std::vector<std::filesystem::path> stale_;
  std::vector<std::filesystem::path> moved_;      // side files that publish() has moved
  std::vector<std::filesystem::path> set_aside_;  // and those that stood in their place
};

}  // namespace sectile::internal
