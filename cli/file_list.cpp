#include "cli/file_list.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "cli/files.h"
#include "cli/text.h"
#include "sectile/image_files.h"

namespace sectile::cli {

namespace fs = std::filesystem;

namespace {

struct Found {
  std::string input;
  bool in_folder = false;
};

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_argument, "[run] " + std::move(what));
}

// And there is something before it.
bool ends_with(const std::string& name, std::string_view ending) {
  return name.size() > ending.size() && in_small_letters(name).ends_with(ending);
}

// Those that a format of an output is chosen by.
std::string written_ending(const std::string& name) {
  for (const char* ending : {".cog.tif", ".cog.tiff", ".tif", ".tiff", ".png", ".jpg", ".jpeg"}) {
    if (ends_with(name, ending)) return name.substr(name.size() - std::string(ending).size());
  }
  return "";
}

// `ending` in place of the input's own; empty: that one, where it is one that Sectile writes.
std::string output_of(const std::string& input, const OutputNames& names,
                      const std::string& ending) {
  fs::path path = input;
  if (!path.has_filename()) path = path.parent_path();  // "folder/"
  const std::string name = path.filename().string();
  const std::string known = written_ending(name);
  const std::string stem =
      known.empty() ? path.stem().string() : name.substr(0, name.size() - known.size());
  const std::string own = known.empty() ? ".tif" : known;
  return (fs::path(names.folder) / (stem + names.suffix + (names.format.empty() ? own : ending)))
      .string();
}

// Overviews and masks are TIFF files of their own to GDAL.
bool belongs_to_another(const fs::path& file) {
  std::error_code ignored;
  return std::ranges::any_of(std::array{".ovr", ".msk", ".aux"}, [&](const char* ending) {
    const bool has_ending = ends_with(file.filename().string(), ending);
    return has_ending && fs::exists(fs::path(file).replace_extension(), ignored);
  });
}

Status add_folder(const std::string& folder, std::vector<Found>& found, FileList& list) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (std::error_code ignored; entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  if (error) {
    return fail(ErrorCode::io,
                fmt::format("[run] cannot read the folder {}: {}", folder, error.message()));
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const bool is_readable = ::access(file.c_str(), R_OK) == 0;  // else its error says so
    if (!is_readable || (is_image(file.string()) && !belongs_to_another(file))) {
      found.push_back({file.string(), true});
    } else {
      ++list.left_alone;
    }
  }
  return {};
}

// With a suffix, files in a folder of inputs that have the name of another one's output were made
// by an earlier run.
void leave_out_outputs(FileList& list, const std::vector<Found>& found, const std::string& suffix) {
  if (suffix.empty()) return;
  std::error_code ignored;
  std::set<fs::path> outputs;
  for (const FileToRun& file : list.files) {
    outputs.insert(fs::weakly_canonical(file.output, ignored));
  }
  const auto is_output = [&](const FileToRun& file) {
    const Found& same = found[static_cast<std::size_t>(&file - list.files.data())];
    return same.in_folder && outputs.contains(fs::weakly_canonical(file.input, ignored));
  };
  std::vector<FileToRun> inputs;
  std::ranges::remove_copy_if(list.files, std::back_inserter(inputs), is_output);
  list.left_alone += std::ssize(list.files) - std::ssize(inputs);
  list.files = std::move(inputs);
}

Status refuse_equal_outputs(const std::vector<FileToRun>& files) {
  std::map<std::string, std::string> input_of;
  for (const FileToRun& file : files) {
    const auto [other, is_new] = input_of.try_emplace(file.output, file.input);
    if (is_new) continue;
    return refuse(
        fmt::format("{} and {} would both become {}: give them to two runs with different "
                    "folders or suffixes",
                    other->second, file.input, file.output));
  }
  return {};
}

Status check_parent(const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (fs::exists(folder, error)) return refuse("--output-dir is not a folder: " + folder);
  fs::path path = fs::absolute(folder, error);
  if (!path.has_filename()) path = path.parent_path();
  if (fs::is_directory(path.parent_path(), error)) return {};
  return fail(ErrorCode::not_found, fmt::format("[run] no such folder: {}, for --output-dir {}",
                                                path.parent_path().string(), folder));
}

}  // namespace

Result<FileList> list_files(const std::vector<std::string>& inputs, const OutputNames& names) {
  if (auto status = check_parent(names.folder); !status) return fail(status.error());
  const auto ending = names.format.empty() ? "" : usual_ending(names.format);
  if (!ending) return fail(ending.error());
  FileList list;
  std::vector<Found> found;
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (!fs::is_directory(input, ignored) || is_image(input)) {
      found.push_back({input});
    } else if (auto status = add_folder(input, found, list); !status) {
      return fail(status.error());
    }
  }
  for (const Found& file : found) {
    list.files.push_back({file.input, output_of(file.input, names, *ending)});
  }
  leave_out_outputs(list, found, names.suffix);
  if (list.files.empty()) {
    return refuse(fmt::format("no image to run over: {} and left alone in {}",
                              count_text(list.left_alone, "other file"), inputs.front()));
  }
  if (auto status = refuse_equal_outputs(list.files); !status) return fail(status.error());
  return list;
}

Status make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorCode::io,
              fmt::format("[run] cannot make the folder {}: {}", folder, error.message()));
}

}  // namespace sectile::cli
