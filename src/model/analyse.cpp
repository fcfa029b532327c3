#include "src/model/analyse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/base/escaped.h"
#include "src/cost/machine_model.h"
#include "src/footprint/exported_size.h"
#include "src/footprint/tileability.h"
#include "src/graph/passes/whole_image_pools.h"

namespace sectile::internal {

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
    channels.push_back(method.graph->shape(id).channels());
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

// A row-major image.
ProgramTensor tensor_of(const Shape& shape) {
  return {"f32", {1, shape.dims[3], shape.dims[1], shape.dims[2]}, {0, 2, 3, 1}};
}

MethodStage stage_of(const ProgramMethod& method, Stage stage, bool fixed_sizes) {
  MethodStage made{method,
                   derive_footprint(stage.graph),
                   std::move(stage.known),
                   std::move(stage.sums),
                   std::move(stage.inputs),
                   std::move(stage.kept)};
  made.footprint.fixed_sizes = fixed_sizes;
  made.method.graph = std::move(stage.graph);
  if (!made.sums.empty()) made.method.outputs = {tensor_of(made.method.graph->output_shape())};
  if (!made.inputs.empty()) {
    made.method.inputs = {tensor_of(made.method.graph->input_shape())};
    made.method.input_parts.clear();
  }
  return made;
}

// Whether one of them begins at an image that another one kept, and all can be cut into tiles.
bool can_keep(const std::vector<Stage>& stages) {
  const bool reads = std::ranges::any_of(stages, [](const Stage& s) { return !s.inputs.empty(); });
  return reads && std::ranges::all_of(stages, [](const Stage& stage) {
           return check_tileable(stage.graph).verdict == Verdict::exact;
         });
}

// What keeps the method, which takes statistics, from being run in stages; nothing for none.
std::vector<Blocker> cut_method(const ProgramMethod& method, bool fixed_sizes, MethodData& data) {
  data.apart = statistics_apart(*method.graph);
  if (const auto problem = stage_problem(data.apart)) return {blocker_of(data.apart, *problem)};
  for (Stage& stage : cut_into_stages(data.apart)) {
    // What joins statistics of one size may have another scale against the image.
    auto tileability = check_tileable(stage.graph);
    if (tileability.verdict != Verdict::exact) return std::move(tileability.blockers);
    data.stages.push_back(stage_of(method, std::move(stage), fixed_sizes));
  }
  auto keeping = cut_into_stages(data.apart, kTimeModel.work_per_kept_byte());
  if (!can_keep(keeping)) return {};
  for (Stage& stage : keeping) {
    data.keeping_stages.push_back(stage_of(method, std::move(stage), fixed_sizes));
  }
  return {};
}

std::vector<std::string> assumptions_about(const Graph& graph) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != kWholeImagePool) continue;
    all.push_back(fmt::format(
        "{}: {}; --fixed-sizes (OpenOptions::fixed_sizes) says that it is fixed",
        node_name(graph, i), why_whole_image(graph.shape(graph.nodes[i].inputs[0]).size())));
  }
  return all;
}

// Of all stages, the furthest: beyond it the output depends on statistics alone.
void describe_footprint(const MethodData& data, MethodInfo& info) {
  const auto reach_of = [](const Footprint& footprint) {
    return Reach{footprint.y.reach_before, footprint.x.reach_before, footprint.y.reach_after,
                 footprint.x.reach_after};
  };
  const Footprint& footprint = *data.footprint;
  info.reach = reach_of(footprint);
  for (const MethodStage& stage : data.stages) {
    const Reach reach = reach_of(stage.footprint);
    info.reach = {std::max(info.reach.top, reach.top), std::max(info.reach.left, reach.left),
                  std::max(info.reach.bottom, reach.bottom),
                  std::max(info.reach.right, reach.right)};
  }
  info.passes = std::max(1, static_cast<int>(data.stages.size()));
  info.align = {footprint.y.grid, footprint.x.grid};
  info.scale = {footprint.y.scale, footprint.x.scale};
}

}  // namespace

void analyse(const ProgramMethod& method, std::span<const std::byte> file,
             const OpenOptions& options, MethodInfo& info, MethodData& data) {
  info.name = escaped(method.name);
  info.input = tensor_info(method.inputs);
  info.output = tensor_info(method.outputs);
  info.input_channels = channels_of(method, info.input, method.input_parts);
  info.input_scales = scales_of(method);
  info.output_channels = channels_of(method, info.output, method.output_parts);
  info.blockers = method.blockers;
  info.verdict = method.verdict;
  data.method = &method;
  if (!method.graph) return;
  std::vector<NodeProblem> doubts;
  if (!options.fixed_sizes) doubts = find_size_doubts(*method.graph, file);
  Tileability tileability = check_tileable(*method.graph, std::move(doubts));
  info.blockers = std::move(tileability.blockers);
  info.verdict = tileability.verdict;
  if (info.verdict != Verdict::exact) return;
  data.footprint = derive_footprint(*method.graph);
  data.footprint->fixed_sizes = options.fixed_sizes;
  if (takes_statistics(*method.graph)) {
    info.blockers = cut_method(method, options.fixed_sizes, data);
    if (!info.blockers.empty()) {
      info.verdict = Verdict::unsupported;
      data.footprint.reset();
      data.stages.clear();
      return;
    }
  }
  info.assumptions = assumptions_about(*method.graph);
  describe_footprint(data, info);
}

}  // namespace sectile::internal
