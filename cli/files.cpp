#include "cli/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sectile::cli {

namespace fs = std::filesystem;

namespace {

// File systems allow 255 bytes for a name; ours adds a prefix and a number.
constexpr std::size_t longest_kept_name = 220;

Status check_place(const fs::path& path, const std::string& what) {
  std::error_code error;
  const fs::path folder = fs::absolute(path, error).parent_path();
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorCode::not_found, fmt::format("[{}] no such folder: {}, for {}", what,
                                                  folder.string(), path.string()));
  }
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_regular_file(status)) {
    return fail(ErrorCode::io, fmt::format("[{}] not a plain file: {}", what, path.string()));
  }
  if ((status.permissions() & fs::perms::owner_write) != fs::perms::none) return {};
  return fail(ErrorCode::io, fmt::format("[{}] the file is read-only; make it writable or give "
                                         "another name: {}",
                                         what, path.string()));
}

}  // namespace

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

PixelType default_output_type(PixelType input, const std::string& path, const std::string& format) {
  const std::string driver = in_small_letters(format);
  const std::string ending =
      format.empty() ? in_small_letters(fs::path(path).extension().string()) : "";
  if (driver == "jpeg" || ending == ".jpg" || ending == ".jpeg") return PixelType::u8;
  if (driver != "png" && ending != ".png") return input;
  const bool is_8_bit = input == PixelType::u8 || input == PixelType::i8;
  return is_8_bit ? PixelType::u8 : PixelType::u16;
}

Result<std::unique_ptr<ReportFile>> ReportFile::open(const std::string& path,
                                                     const std::string& what) {
  if (path == "-") return std::unique_ptr<ReportFile>(new ReportFile(what, path, {}));
  if (auto status = check_place(path, what); !status) return fail(status.error());
  fs::path partial =
      fs::path(path).parent_path() /
      fmt::format(".{}.partial-{}", fs::path(path).filename().string().substr(0, longest_kept_name),
                  ::getpid());
  std::unique_ptr<ReportFile> report(new ReportFile(what, path, std::move(partial)));
  if (!report->file_) return report->cannot_write(std::strerror(errno));
  return report;
}

ReportFile::~ReportFile() {
  std::error_code ignored;
  if (!partial_.empty()) fs::remove(partial_, ignored);
}

std::unexpected<Error> ReportFile::cannot_write(const std::string& reason) const {
  return fail(ErrorCode::io,
              fmt::format("[{}] cannot write {}: {}", what_, path_.string(), reason));
}

void ReportFile::append(const std::string& text) {
  if (partial_.empty()) {
    std::fputs(text.c_str(), stdout);
  } else {
    file_ << text;
  }
}

Status ReportFile::finish() {
  if (partial_.empty()) return {};
  file_.close();
  if (!file_) return cannot_write(std::strerror(errno));
  std::error_code error;
  const fs::file_status replaced = fs::status(path_, error);
  if (fs::exists(replaced)) fs::permissions(partial_, replaced.permissions(), error);
  fs::rename(partial_, path_, error);
  if (error) return cannot_write(error.message());
  partial_.clear();
  return {};
}

}  // namespace sectile::cli
