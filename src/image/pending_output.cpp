#include "src/image/pending_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <system_error>
#include <utility>

namespace sectile::internal {

namespace fs = std::filesystem;

namespace {

// What file systems allow for a name. That of the folder has a prefix and numbers beside ours.
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_kept_name = 180;
constexpr int most_folders_per_process = 100000;

// Replacing a link by a file would leave the file it points to as it was.
fs::path resolve(const std::string& output) {
  std::error_code error;
  fs::path absolute = fs::absolute(output, error);
  if (!fs::is_symlink(absolute, error)) return absolute;
  const fs::path target = fs::weakly_canonical(absolute, error);
  return error ? absolute : target;
}

// Root may write to files that are marked as read-only, which somebody has done for a reason.
Status check_writable(const fs::path& output, const fs::file_status& status) {
  const bool marked = (status.permissions() & fs::perms::owner_write) == fs::perms::none;
  if (!marked && ::access(output.c_str(), W_OK) == 0) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("[create_image] the output is read-only (mode {:04o}); make it writable "
                          "or give another name: {}",
                          static_cast<unsigned>(status.permissions()), output.string()));
}

Status check_output(const fs::path& output, bool overwrite) {
  std::error_code error;
  const fs::file_status status = fs::status(output, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_regular_file(status)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[create_image] the output is no plain file: {}", output.string()));
  }
  if (overwrite) return check_writable(output, status);
  return fail(ErrorCode::invalid_argument,
              fmt::format("[create_image] the output exists and overwriting was not asked for: {}",
                          output.string()));
}

Status check_folder(const fs::path& output) {
  std::error_code error;
  if (!output.has_filename()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[create_image] the output has no file name: {}", output.string()));
  }
  if (const std::size_t bytes = output.filename().string().size(); bytes > longest_name) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("[create_image] the output's name has {} bytes, more than {}: {}",
                            bytes, longest_name, output.string()));
  }
  if (fs::is_directory(output.parent_path(), error)) return {};
  return fail(ErrorCode::not_found, fmt::format("[create_image] no such folder: {}, for {}",
                                                output.parent_path().string(), output.string()));
}

// Making a folder is atomic: whoever makes it owns the name.
Result<fs::path> make_folder(const fs::path& output) {
  const std::string name = output.filename().string().substr(0, longest_kept_name);
  std::error_code error;
  for (int n = 0; n < most_folders_per_process; ++n) {
    fs::path folder = output.parent_path() / fmt::format(".{}.partial-{}-{}", name, ::getpid(), n);
    if (fs::create_directory(folder, error) && fs::create_directory(folder / "new", error)) {
      return folder;
    }
    if (error && error != std::errc::file_exists) break;
  }
  return fail(ErrorCode::io,
              fmt::format("[create_image] cannot write to the folder {}, for {}: {}",
                          output.parent_path().string(), output.string(), error.message()));
}

}  // namespace

Result<PendingOutput> PendingOutput::beside(const std::string& output, bool overwrite) {
  const fs::path resolved = resolve(output);
  if (auto status = check_folder(resolved); !status) return fail(status.error());
  if (auto status = check_output(resolved, overwrite); !status) return fail(status.error());
  auto folder = make_folder(resolved);
  if (!folder) return fail(folder.error());
  return PendingOutput(resolved, *folder, overwrite);
}

PendingOutput::PendingOutput(fs::path output, fs::path folder, bool overwrite)
    : output_(std::move(output)), folder_(std::move(folder)), overwrite_(overwrite) {}

PendingOutput::PendingOutput(PendingOutput&& other) noexcept
    : output_(std::move(other.output_)),
      folder_(std::exchange(other.folder_, {})),
      overwrite_(other.overwrite_),
      stale_(std::move(other.stale_)) {}

PendingOutput::~PendingOutput() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Status PendingOutput::publish() {
  std::error_code error;
  if (!fs::exists(file(), error)) {
    return fail(ErrorCode::io,
                fmt::format("[finish] the format's driver wrote no file: {}", output_.string()));
  }
  keep_access_rights();
  if (auto status = move_all(); !status) {
    undo();
    return status;
  }
  fs::remove_all(folder_, error);
  folder_.clear();
  return {};
}

Status PendingOutput::move_all() {
  std::error_code error;
  for (const fs::path& file : stale_) {
    if (auto status = set_aside(file); !status) return status;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(made(), error)) {
    if (entry.path().filename() == output_.filename()) continue;
    const fs::path to = output_.parent_path() / entry.path().filename();
    if (overwrite_) {
      if (auto status = set_aside(to); !status) return status;
    }
    if (auto status = move_file(entry.path(), to); !status) return status;
    moved_.push_back(to);
  }
  return move_file(file(), output_);
}

Status PendingOutput::move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!overwrite_ && fs::exists(to, error)) {
    return fail(ErrorCode::io,
                fmt::format("[finish] a file of that name is in the way: {}", to.string()));
  }
  fs::rename(from, to, error);
  if (!error) return {};
  return fail(ErrorCode::io,
              fmt::format("[finish] cannot rename onto {}: {}", to.string(), error.message()));
}

// What was set aside is removed with the folder.
Status PendingOutput::set_aside(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) return {};
  fs::create_directory(folder_ / "old", error);
  fs::rename(file, folder_ / "old" / file.filename(), error);
  if (error) {
    return fail(ErrorCode::io,
                fmt::format("[finish] cannot remove {}: {}", file.string(), error.message()));
  }
  set_aside_.push_back(file);
  return {};
}

void PendingOutput::undo() {
  std::error_code ignored;
  for (const fs::path& file : moved_) fs::remove_all(file, ignored);
  for (const fs::path& file : set_aside_) {
    fs::rename(folder_ / "old" / file.filename(), file, ignored);
  }
}

void PendingOutput::keep_access_rights() const {
  std::error_code error;
  const fs::file_status replaced = fs::status(output_, error);
  if (fs::is_regular_file(replaced)) fs::permissions(file(), replaced.permissions(), error);
}

}  // namespace sectile::internal
