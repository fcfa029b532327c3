#include "src/model/exported_tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/model/model_data.h"
#include "src/program/method_values.h"

namespace sectile::internal {

namespace {

std::unexpected<Error> cannot(const MethodInfo& info, const std::string& why) {
  return fail(
      ErrorCode::unsupported,
      fmt::format("[approximate] the method '{}' cannot be run in tiles: {}", info.name, why));
}

bool is_image(const ProgramTensor& tensor) {
  return is_image_type(tensor) && tensor.sizes.size() == 4 && tensor.sizes[0] == 1 &&
         std::ranges::all_of(tensor.sizes, [](std::int64_t dim) { return dim >= 1; }) &&
         (tensor.planar() || tensor.channels_last());
}

TensorSpec spec_of(const ProgramTensor& tensor) {
  return {tensor.sizes[1],
          {tensor.sizes[2], tensor.sizes[3]},
          tensor.planar() ? Layout::planar : Layout::interleaved,
          type_of(tensor)};
}

// 0/0 where neither is a whole multiple of the other.
Ratio whole_ratio(std::int64_t output, std::int64_t input) {
  if (output % input == 0) return {output / input, 1};
  if (input % output == 0) return {1, input / output};
  return {0, 0};
}

}  // namespace

const ProgramMethod& method_of(const Model& model, const MethodInfo& info) {
  const auto index = static_cast<std::size_t>(&info - model.methods().data());
  return *model.data().methods[index].method;
}

Result<ExportedTensors> ExportedTensors::of(const Model& model, const MethodInfo& info) {
  const ProgramMethod& method = method_of(model, info);
  const bool one_of_each = method.inputs.size() == 1 && method.outputs.size() == 1 &&
                           method.input_parts.empty() && method.output_parts.empty();
  if (!one_of_each) return fail(ErrorCode::unsupported, "it has several inputs or outputs");
  if (!is_image(method.inputs[0]) || !is_image(method.outputs[0])) {
    return fail(ErrorCode::unsupported, "its input and its output are not one image each");
  }
  return ExportedTensors{spec_of(method.inputs[0]), spec_of(method.outputs[0])};
}

Result<ExportedTile> ExportedTile::of(const Model& model, const MethodInfo& info) {
  const auto tensors = ExportedTensors::of(model, info);
  if (!tensors) return cannot(info, tensors.error().message);
  ExportedTile tile{tensors->input, tensors->output, {}};
  if (tile.input.type != DataType::f32 || tile.output.type != DataType::f32) {
    return cannot(info, "its input and its output are not one f32 image each");
  }
  const Size in = tile.input.size;
  const Size out = tile.output.size;
  tile.scale = {whole_ratio(out.height, in.height), whole_ratio(out.width, in.width)};
  if (tile.scale.y.num == 0 || tile.scale.x.num == 0) {
    return cannot(info, fmt::format("its output of {} is no whole multiple or part of its input "
                                    "of {}, so where a tile's output lies is not known",
                                    to_string(out), to_string(in)));
  }
  if (std::min({in.height, in.width, out.height, out.width}) < 2) {
    return cannot(info, fmt::format("from {} to {}, it does not make an image of an image",
                                    to_string(in), to_string(out)));
  }
  return tile;
}

}  // namespace sectile::internal
