#include "sectile/build.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "src/base/catch_exceptions.h"
#include "src/footprint/axis_geometry.h"
#include "src/model/find_exact_method.h"
#include "src/program/write_program.h"
#include "src/transform/resize.h"

namespace sectile {

using namespace internal;

namespace {
namespace fs = std::filesystem;

Status check_names(std::span<const BuildMethod> methods) {
  if (methods.empty()) {
    return fail(ErrorCode::invalid_argument, "[build] no methods: name at least one, NAME=WxH");
  }
  std::set<std::string> names;
  for (const BuildMethod& method : methods) {
    if (method.name.empty() || !names.insert(method.name).second) {
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("[build] the method name '{}' is empty or stands twice", method.name));
    }
    if (method.size.height < 1 || method.size.width < 1) {
      return fail(ErrorCode::invalid_argument, fmt::format("[build] method '{}': {} has no pixels",
                                                           method.name, to_string(method.size)));
    }
  }
  return {};
}

Status check_output(const Model& model, const std::string& path, bool overwrite) {
  std::error_code ignored;
  if (fs::equivalent(path, model.path(), ignored)) {
    return fail(ErrorCode::invalid_argument, fmt::format("[build] {}: is the model itself", path));
  }
  if (fs::exists(path, ignored) && !overwrite) {
    return fail(ErrorCode::invalid_argument, fmt::format("[build] {}: exists already", path));
  }
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, ignored)) {
    return fail(ErrorCode::not_found,
                fmt::format("[build] {}: there is no folder {}", path, folder.string()));
  }
  return {};
}

struct Prepared {
  const ProgramMethod* source = nullptr;
  Graph graph;
};

Result<Prepared> prepare(const Model& model, const BuildMethod& method) {
  const auto data = find_exact_method(model, method.source);
  if (!data) return fail(data.error());
  const Graph& exported = *(*data)->method->graph;
  const auto name = [&](const Error& error) {
    return fail(error.code, fmt::format("[build] method '{}': {}", method.name, error.message));
  };
  const auto status = check_size(exported, *(*data)->footprint, method.size);
  if (!status) return name(status.error());
  auto graph = resize(exported, method.size);
  if (!graph) return name(graph.error());
  return Prepared{(*data)->method, std::move(*graph)};
}

bool write_pieces(const VirtualFile& file, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  std::uint64_t position = 0;
  for (const VirtualFile::Piece& piece : file.pieces()) {
    const std::string gap(piece.offset_bytes - position, '\0');
    out.write(gap.data(), static_cast<std::streamsize>(gap.size()));
    out.write(reinterpret_cast<const char*>(piece.bytes.data()),
              static_cast<std::streamsize>(piece.bytes.size()));
    position = piece.offset_bytes + piece.bytes.size();
  }
  out.close();
  return !out.fail();
}

// The file appears under its name when it is complete.
Status write_file(const VirtualFile& file, const std::string& path) {
  const std::string partial = fmt::format("{}.partial-{}", path, ::getpid());
  std::error_code error;
  if (write_pieces(file, partial)) {
    fs::rename(partial, path, error);
    if (!error) return {};
  }
  const std::string reason = error ? error.message() : "cannot be written";
  fs::remove(partial, error);
  return fail(ErrorCode::io, fmt::format("[build] {}: {}", path, reason));
}

}  // namespace

Status build_program(const Model& model, const std::string& path,
                     std::span<const BuildMethod> methods, bool overwrite) {
  return catch_exceptions("[build]", [&]() -> Status {
    if (auto status = check_names(methods); !status) return status;
    if (auto status = check_output(model, path, overwrite); !status) return status;
    std::deque<Prepared> prepared;
    std::vector<MethodToWrite> to_write;
    for (const BuildMethod& method : methods) {
      auto ready = prepare(model, method);
      if (!ready) return fail(ready.error());
      prepared.push_back(std::move(*ready));
      to_write.push_back({method.name, prepared.back().source, &prepared.back().graph});
    }
    const auto file = write_program(to_write, model.data().program.file, IoMemory::planned);
    if (!file) return fail(file.error());
    return write_file(**file, path);
  });
}

}  // namespace sectile
