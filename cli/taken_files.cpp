#include "cli/taken_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "cli/files.h"
#include "sectile/image_files.h"

namespace sectile::cli {

namespace fs = std::filesystem;

namespace {

fs::path canonical(const std::string& name) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(name, error);
  return error ? fs::path(name) : path;
}

// Two links lead to one file, hard ones too. A file that is not there yet has its name only.
std::string key_of(const std::string& name) {
  struct stat found{};
  if (::stat(name.c_str(), &found) == 0) return fmt::format("{}:{}", found.st_dev, found.st_ino);
  return canonical(name).string();
}

}  // namespace

void TakenFiles::read(const NamedFile& file) {
  if (!taken_.try_emplace(key_of(file.file), file).second) return;
  read_files_.push_back(file.file);
  const fs::path path = canonical(file.file);
  read_by_folder_.emplace(path.parent_path().string(), path.string());
}

Status TakenFiles::read_image(const std::string& name) {
  read({"input", name, name});
  const auto all = image_files(name);
  if (!all) return fail(all.error());
  for (const std::string& file : *all) read({"input", name, file});
  return {};
}

Status TakenFiles::write(const NamedFile& file, const std::string& advice) {
  const auto [place, is_new] = taken_.try_emplace(key_of(file.file), file);
  if (is_new) return {};
  const NamedFile& other = place->second;
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("[run] the {} {} is {}the {} {}: {}", file.what, file.name,
                  other.file == other.name ? "" : "a file of ", other.what, other.name, advice));
}

std::vector<std::string> TakenFiles::read_files_beside(const std::string& output) const {
  const fs::path path = canonical(output);
  const std::string stem = in_small_letters(path.stem().string());
  std::vector<std::string> files;
  const auto [begin, end] = read_by_folder_.equal_range(path.parent_path().string());
  for (auto it = begin; it != end; ++it) {
    const std::string name = in_small_letters(fs::path(it->second).filename().string());
    if (name.starts_with(stem)) files.push_back(it->second);
  }
  return files;
}

}  // namespace sectile::cli
