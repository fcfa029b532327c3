#include "src/plan/stream_networks.h"

#include <algorithm>

#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/cost/memory.h"
#include "src/cost/time.h"
#include "src/graph/operator.h"
#include "src/graph/passes/row_major.h"
#include "src/transform/resize.h"
#include "src/transform/stream_schedule.h"
#include "src/transform/transient_tables.h"

namespace sectile::internal {

namespace {

// Programs to look at: all, or of very many some, the one that runs most steps and the last.
std::vector<std::size_t> programs_of(const StreamNetwork& network) {
  constexpr std::size_t kMost = 16;
  const auto& programs = network.programs();
  const std::size_t stride = programs.size() / kMost + 1;
  const auto steady = std::ranges::max_element(programs, {}, &StreamProgram::steps);
  std::vector<std::size_t> indices{static_cast<std::size_t>(steady - programs.begin())};
  for (std::size_t i = 0; i < programs.size(); i += stride) indices.push_back(i);
  indices.push_back(programs.size() - 1);
  return indices;
}

std::vector<Graph> step_graphs(const StreamNetwork& network) {
  std::vector<Graph> graphs;
  for (const std::size_t i : programs_of(network)) {
    Graph graph = network.step_graph(i).graph;
    if (!graph.nodes.empty()) graphs.push_back(std::move(graph));
  }
  return graphs;
}

// The largest session of all programs, part by part.
void add_program(const Graph& graph, StreamCosts& costs) {
  const SessionMemory memory = session_memory(graph);
  const std::int64_t weight_bytes =
      memory.weight_bytes + std::ssize(graph.nodes) * kMemoryModel.heap_residue_bytes_per_node;
  costs.session.weight_bytes = std::max(costs.session.weight_bytes, weight_bytes);
  costs.session.indirection_bytes =
      std::max(costs.session.indirection_bytes, memory.indirection_bytes);
  costs.session.workspace_bytes = std::max(costs.session.workspace_bytes, memory.workspace_bytes);
  costs.nodes = std::max<std::int64_t>(costs.nodes, std::ssize(graph.nodes));
  costs.traffic_seconds = std::max(costs.traffic_seconds, traffic_seconds(graph));
  costs.indirection_seconds = std::max(costs.indirection_seconds, indirection_seconds(graph));
}

}  // namespace

std::vector<Range> lane_columns(Range columns, std::int64_t grid, int lanes) {
  const std::int64_t first_step = floor_div(columns.begin, grid);
  const std::int64_t steps = ceil_div(columns.end, grid) - first_step;
  const std::int64_t count = std::min<std::int64_t>(lanes, steps);
  std::vector<Range> cut;
  for (std::int64_t i = 0; i < count; ++i) {
    const Range lane{(first_step + i * steps / count) * grid,
                     (first_step + (i + 1) * steps / count) * grid};
    cut.push_back(lane.intersect(columns));
  }
  return cut;
}

Result<StreamNetworkCache> StreamNetworkCache::over(const Graph& graph, Size image,
                                                    std::optional<Range> output_rows) {
  const auto whole = resize(graph, image);
  if (!whole) return fail(whole.error());
  auto row_major = row_major_form(*whole);
  if (!row_major) return fail(row_major.error());
  const Range all{0, row_major->output_shape().length(Axis::y)};
  return StreamNetworkCache(std::move(*row_major), output_rows.value_or(all));
}

Result<std::shared_ptr<const StreamNetwork>> StreamNetworkCache::of(Range lane,
                                                                    std::int64_t step_rows) {
  if (last_ != nullptr && last_lane_ == lane && last_->step_rows() == step_rows) return last_;
  last_.reset();
  last_graphs_.clear();
  auto network = make_stream(whole_, lane, step_rows, output_rows_);
  if (!network) return fail(network.error());
  last_ = std::make_shared<const StreamNetwork>(std::move(*network));
  last_lane_ = lane;
  return last_;
}

Result<StreamNetworkCache::Lane> StreamNetworkCache::lane(Range columns) {
  const auto known = lanes_.find({columns.begin, columns.end});
  if (known != lanes_.end()) return known->second;
  const auto needed = needed_ranges(whole_, Axis::x, columns);
  if (!needed) return fail(needed.error());
  const auto needed_rows = needed_ranges(whole_, Axis::y, output_rows_);
  if (!needed_rows) return fail(needed_rows.error());
  Lane lane{columns, (*needed)[whole_.input].size(), 0};
  for (const Node& node : whole_.nodes) {
    const Rect part{(*needed_rows)[node.output], (*needed)[node.output]};
    const Shape& all = whole_.shape(node.output);
    lane.work += find_rule(node.op)->cost({whole_, node}) * static_cast<double>(part.area()) /
                 static_cast<double>(all.length(Axis::y) * all.length(Axis::x));
  }
  return lanes_[{columns.begin, columns.end}] = lane;
}

// The memory is that of the lane that needs the most columns of the image.
Result<StreamCosts> StreamNetworkCache::costs(const std::vector<Range>& lanes,
                                              std::int64_t step_rows, bool transient_tables) {
  StreamCosts costs;
  costs.lanes = std::ssize(lanes);
  Lane widest;
  for (const Range columns : lanes) {
    const auto found = lane(columns);
    if (!found) return fail(found.error());
    costs.all_work += found->work;
    costs.work = std::max(costs.work, found->work);
    if (found->image_columns > widest.image_columns) widest = *found;
  }
  const auto made = of(widest.columns, step_rows);
  if (!made) return fail(made.error());
  const StreamNetwork& network = **made;
  costs.step = {step_rows, widest.image_columns};
  costs.programs = std::ssize(network.programs());
  costs.steps = network.programs().back().first_step + network.programs().back().steps;
  costs.history_bytes = network.row_buffer_bytes();
  costs.output_rows = std::max<std::int64_t>(1, network.output().fresh_rows);
  if (last_graphs_.empty()) last_graphs_ = step_graphs(network);
  for (const Graph& graph : last_graphs_) {
    if (transient_tables) {
      add_program(with_transient_tables(graph), costs);
    } else {
      add_program(graph, costs);
    }
  }
  costs.traffic_seconds += copying_seconds(network.copied_bytes_per_step());
  return costs;
}

std::vector<AxisTile> step_spans(const StreamNetwork& network) {
  std::vector<AxisTile> spans;
  for (const StreamProgram& program : network.programs()) {
    for (std::int64_t step = 0; step < program.steps; ++step) {
      spans.push_back({network.image().later(program.image_rows, step),
                       network.output().later(program.output_rows, step)});
    }
  }
  return spans;
}

}  // namespace sectile::internal
