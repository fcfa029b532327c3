#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sectile/model.h"
#include "src/base/catch_exceptions.h"
#include "src/model/analyse.h"
#include "src/model/model_data.h"
#include "src/program/read_program.h"

namespace sectile {

using namespace internal;

namespace {

using Bytes = std::shared_ptr<const ProgramBytes>;
using Data = std::shared_ptr<const ModelData>;

Result<Data> analyse_program(Bytes bytes, const OpenOptions& options) {
  auto program = read_program(std::move(bytes), options.fixed_sizes);
  if (!program) return fail(program.error());
  auto data = std::make_shared<ModelData>(std::move(*program));
  const auto& methods = data->program.methods;
  data->infos.resize(methods.size());
  data->methods.resize(methods.size());
  for (std::size_t i = 0; i < methods.size(); ++i) {
    analyse(methods[i], data->program.file->bytes(), options, data->infos[i], data->methods[i]);
  }
  return data;
}

// `get_bytes` returns a Result<Bytes>.
template <typename GetBytes>
Result<Data> open_program(GetBytes get_bytes, const OpenOptions& options) {
  return catch_exceptions("[open]", [&]() -> Result<Data> {
    Result<Bytes> bytes = get_bytes();
    if (!bytes) return fail(bytes.error());
    return analyse_program(std::move(*bytes), options);
  });
}

}  // namespace

Result<Model> Model::open(const std::string& path, const OpenOptions& options) {
  auto data = open_program([&] { return ProgramBytes::read(path); }, options);
  if (!data) return fail(std::move(data.error()));
  return Model(std::move(*data));
}

Result<Model> Model::open(std::span<const std::byte> bytes, std::string name,
                          const OpenOptions& options) {
  auto data = open_program([&] { return ProgramBytes::copy(bytes, std::move(name)); }, options);
  if (!data) return fail(std::move(data.error()));
  return Model(std::move(*data));
}

Result<Model> Model::open(std::vector<std::byte>&& bytes, std::string name,
                          const OpenOptions& options) {
  auto data =
      open_program([&] { return ProgramBytes::adopt(std::move(bytes), std::move(name)); }, options);
  if (!data) return fail(std::move(data.error()));
  return Model(std::move(*data));
}

const std::string& Model::path() const { return data_->program.file->name(); }

const std::string& Model::facts() const { return data_->program.facts; }

std::span<const MethodInfo> Model::methods() const { return data_->infos; }

Result<const MethodInfo*> Model::method(const std::string& name) const {
  return catch_exceptions("[method]", [&]() -> Result<const MethodInfo*> {
    const auto& infos = data_->infos;
    if (name.empty() && infos.size() == 1) return &infos[0];
    // By its name in the file, and by that name as it is printed.
    const std::string wanted_name = name.empty() ? "forward" : name;
    const auto& methods = data_->program.methods;
    const auto own = std::ranges::find(methods, wanted_name, &ProgramMethod::name);
    if (own != methods.end()) return &infos[static_cast<std::size_t>(own - methods.begin())];
    const auto found = std::ranges::find(infos, wanted_name, &MethodInfo::name);
    if (found != infos.end()) return &*found;
    std::vector<std::string> names;
    std::ranges::transform(infos, std::back_inserter(names), &MethodInfo::name);
    const std::string wanted =
        name.empty() ? "which method is meant?" : fmt::format("there is no method '{}'.", name);
    return fail(ErrorCode::not_found,
                fmt::format("[method] {}: {} It has: {}", path(), wanted, fmt::join(names, ", ")));
  });
}

}  // namespace sectile
