#include "sectile/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/api/model_data.h"

namespace sectile {

namespace {

TensorInfo tensor_info(const std::vector<ProgramTensor>& tensors) {
  if (tensors.empty()) return {};
  const ProgramTensor& tensor = tensors[0];
  TensorInfo info{tensor.dtype};
  if (tensor.sizes.size() == 4) {
    info.channels = tensor.sizes[1];
    info.height = tensor.sizes[2];
    info.width = tensor.sizes[3];
  }
  return info;
}

// Of each of the method's tensors: the parts of the graph's one image.
std::vector<std::int64_t> channels_of(const ProgramMethod& method, const TensorInfo& image,
                                      const std::vector<ValueId>& parts) {
  if (parts.empty()) return {image.channels};
  std::vector<std::int64_t> channels;
  for (const ValueId id : parts) {
    const Shape& shape = method.graph->shape(id);
    channels.push_back(shape.elements() / shape.length(Axis::y) / shape.length(Axis::x));
  }
  return channels;
}

// Of each of the method's inputs, against the graph's one image.
std::vector<Size> scales_of(const ProgramMethod& method) {
  std::vector<Size> scales(std::max<std::size_t>(1, method.input_parts.size()), {1, 1});
  for (std::size_t i = 0; i < method.input_parts.size(); ++i) {
    const Shape& shape = method.graph->shape(method.input_parts[i]);
    const Size image = method.graph->image_size();
    scales[i] = {shape.length(Axis::y) / image.height, shape.length(Axis::x) / image.width};
  }
  return scales;
}

void describe_footprint(const Footprint& footprint, MethodInfo& info) {
  info.reach = {footprint.y.reach_before, footprint.x.reach_before, footprint.y.reach_after,
                footprint.x.reach_after};
  info.align = {footprint.y.grid, footprint.x.grid};
  info.scale = {footprint.y.scale, footprint.x.scale};
}

void analyse(const ProgramMethod& method, MethodInfo& info, MethodData& data) {
  info.name = method.name;
  info.input = tensor_info(method.inputs);
  info.output = tensor_info(method.outputs);
  info.input_channels = channels_of(method, info.input, method.input_parts);
  info.input_scales = scales_of(method);
  info.output_channels = channels_of(method, info.output, method.output_parts);
  info.blockers = method.blockers;
  info.verdict = method.verdict;
  data.method = &method;
  if (!method.graph) return;
  Judgement judgement = judge(*method.graph);
  info.blockers = std::move(judgement.blockers);
  info.verdict = judgement.verdict;
  if (info.verdict != Verdict::exact) return;
  data.footprint = derive_footprint(*method.graph);
  describe_footprint(*data.footprint, info);
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
      return "exact";
    case Verdict::not_exact:
      return "not_exact";
    case Verdict::unsupported:
      return "unsupported";
  }
  return "unsupported";
}

Result<Model> Model::open(const std::string& path) {
  auto file = MappedFile::open(path);
  if (!file) return fail(file.error());
  auto program = read_program(std::move(*file));
  if (!program) return fail(program.error());
  auto data = std::make_shared<ModelData>(std::move(*program));
  const auto& methods = data->program.methods;
  data->infos.resize(methods.size());
  data->methods.resize(methods.size());
  for (std::size_t i = 0; i < methods.size(); ++i) {
    analyse(methods[i], data->infos[i], data->methods[i]);
  }
  return Model(std::move(data));
}

const std::string& Model::path() const { return data_->program.file->path(); }

std::span<const MethodInfo> Model::methods() const { return data_->infos; }

Result<const MethodInfo*> Model::method(const std::string& name) const {
  const auto& infos = data_->infos;
  if (name.empty() && infos.size() == 1) return &infos[0];
  const auto found = std::ranges::find(infos, name.empty() ? "forward" : name, &MethodInfo::name);
  if (found != infos.end()) return &*found;
  std::vector<std::string> names;
  std::ranges::transform(infos, std::back_inserter(names), &MethodInfo::name);
  const std::string wanted =
      name.empty() ? "which method is meant?" : fmt::format("there is no method '{}'.", name);
  return fail(ErrorCode::not_found,
              fmt::format("[method] {}: {} It has: {}", path(), wanted, fmt::join(names, ", ")));
}

Result<const MethodData*> find_exact_method(const Model& model, const std::string& name) {
  const auto info = model.method(name);
  if (!info) return fail(info.error());
  if ((*info)->verdict == Verdict::exact) {
    return &model.data().methods[static_cast<std::size_t>(*info - model.methods().data())];
  }
  const Blocker& first = (*info)->blockers.front();
  const bool named = first.node.find(first.op) != std::string::npos;
  const std::string where = named ? first.node : fmt::format("{}: {}", first.node, first.op);
  const bool not_exact = (*info)->verdict == Verdict::not_exact;
  return fail(not_exact ? ErrorCode::not_exact : ErrorCode::unsupported,
              fmt::format("[model] {}: method '{}' cannot be run with equal bits: {}: {}",
                          model.path(), (*info)->name, where, first.why));
}

}  // namespace sectile
