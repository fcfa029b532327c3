#include "src/image/gdal/neighbours.h"

#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "src/image/gdal/call.h"

namespace sectile::internal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 255;

// GDAL finds side files by the name before the ending, in small and in capital letters.
std::vector<fs::path> files_of_like_name(const fs::path& output) {
  const std::string stem = output.stem().string();
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(output.parent_path(), error)) {
    const fs::path& file = entry.path();
    const bool is_like = EQUALN(file.filename().c_str(), stem.c_str(), stem.size());
    if (is_like && file.filename() != output.filename() && entry.is_regular_file(error)) {
      files.push_back(file);
    }
  }
  return files;
}

// Whatever is in such a file, it is about an image of that name.
bool is_about(const fs::path& file, const fs::path& output) {
  return std::ranges::any_of(std::array{".aux.xml", ".ovr", ".msk"}, [&](const char* ending) {
    return file.filename() == output.filename().string() + ending;
  });
}

bool contains(const CPLStringList& list, const fs::path& file) {
  return list.FindString(file.c_str()) >= 0;
}

// Asks GDAL itself, with a small image of the output's name and links to the others in a folder of
// its own. The image says nothing of its place, as GDAL reads no world file otherwise.
Result<std::vector<fs::path>> files_read_along(const PendingOutput& output,
                                               const OutputFormat& format, const ImageInfo& info,
                                               const std::vector<fs::path>& candidates) {
  const fs::path folder = fs::path(output.folder()) / "neighbours";
  const fs::path file = folder / output.output().filename();
  std::error_code error;
  fs::create_directory(folder, error);
  if (auto status = write_small_image(format, info, file.string(), output.scratch_file());
      !status) {
    return fail(status.error());
  }
  for (const fs::path& candidate : candidates) {  // an error: the small image has such a file
    fs::create_symlink(candidate, folder / candidate.filename(), error);
  }
  const GdalCall call;
  const Dataset dataset(GDALOpenEx(file.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
  const CPLStringList list(dataset ? GDALGetFileList(dataset.get()) : nullptr);
  std::vector<fs::path> read;
  for (const fs::path& candidate : candidates) {
    const fs::path link = folder / candidate.filename();
    if (fs::is_symlink(link, error) &&
        (!dataset || contains(list, link) || is_about(candidate, output.output()))) {
      read.push_back(candidate);
    }
  }
  fs::remove_all(folder, error);
  return read;
}

std::unexpected<Error> refuse(const std::string& what, const fs::path& output) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("[create_image] {}: {}", what, output.string()));
}

Status check_kept(const fs::path& file, const std::vector<std::string>& keep,
                  const fs::path& output) {
  std::error_code error;
  for (const std::string& kept : keep) {
    if (!fs::equivalent(file, kept, error) || error) continue;
    return refuse(fmt::format("{} belongs to what is read, and the output would replace or remove "
                              "it; give the output another name",
                              file.string()),
                  output);
  }
  return {};
}

Status check_names(const std::vector<std::string>& names, const fs::path& output) {
  for (const std::string& name : names) {
    if (name.size() <= longest_name) continue;
    return refuse(
        fmt::format("the format adds a file whose name would have {} bytes, more than {}; "
                    "give the output a name that is {} bytes shorter",
                    name.size(), longest_name, name.size() - longest_name),
        output);
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> find_stale_files(const PendingOutput& output, const Probe& probe,
                                               const ImageInfo& info,
                                               const CreateOptions& options) {
  if (auto status = check_names(probe.files, output.output()); !status) return fail(status.error());
  if (auto status = check_kept(output.output(), options.keep, output.output()); !status) {
    return fail(status.error());
  }
  std::vector<fs::path> candidates = files_of_like_name(output.output());
  if (candidates.empty()) return candidates;
  auto stale = files_read_along(output, probe.format, info, candidates);
  if (!stale) return stale;
  for (const fs::path& candidate : candidates) {
    const bool is_replaced = std::ranges::count(probe.files, candidate.filename().string()) > 0;
    if (is_replaced && std::ranges::count(*stale, candidate) == 0) stale->push_back(candidate);
  }
  for (const fs::path& file : *stale) {
    if (auto status = check_kept(file, options.keep, output.output()); !status) {
      return fail(status.error());
    }
    if (options.overwrite) continue;
    return refuse(fmt::format("{} would be read with the new image or replaced; move it away, give "
                              "another name, or ask for overwriting",
                              file.string()),
                  output.output());
  }
  return stale;
}

}  // namespace sectile::internal
