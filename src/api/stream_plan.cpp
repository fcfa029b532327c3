#include "src/api/stream_plan.h"

#include <algorithm>

#include "src/analysis/cost.h"
#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/transform/stream_schedule.h"

namespace sectile {

namespace {

Range moved(Range rows, std::int64_t by) {
  return rows.empty() ? Range{} : Range{rows.begin + by, rows.end + by};
}

// Each value is computed once, in the columns that the lane needs of it.
Result<double> lane_work(const Graph& whole, Range output_columns) {
  const auto columns = needed_ranges(whole, Axis::x, output_columns);
  if (!columns) return fail(columns.error());
  double work = 0;
  for (const Node& node : whole.nodes) {
    const auto needed = static_cast<double>((*columns)[node.output].size());
    const auto all = static_cast<double>(whole.shape(node.output).length(Axis::x));
    work += find_rule(node.op)->cost({whole, node}) * needed / all;
  }
  return work;
}

// The largest session of all programs, part by part.
void add_programs(const StreamForm& form, StreamCosts& costs) {
  for (std::size_t i = 0; i < form.programs().size(); ++i) {
    const Graph graph = form.step_graph(i).graph;
    if (graph.nodes.empty()) continue;
    const SessionMemory memory = session_memory(graph);
    costs.session.weight_bytes = std::max(costs.session.weight_bytes, memory.weight_bytes);
    costs.session.table_bytes = std::max(costs.session.table_bytes, memory.table_bytes);
    costs.session.workspace_bytes = std::max(costs.session.workspace_bytes, memory.workspace_bytes);
    costs.table_work = std::max(costs.table_work, table_cost(graph));
  }
}

// The first lane, which ends inside the image unless it is alone, and the one after it, which also
// begins there: no other needs more.
std::vector<Range> largest(const std::vector<Range>& lanes) {
  return {lanes.begin(),
          lanes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, lanes.size()))};
}

}  // namespace

std::vector<Range> lane_columns(std::int64_t output_width, std::int64_t grid, int lanes) {
  const std::int64_t steps = ceil_div(output_width, grid);
  const std::int64_t count = std::min<std::int64_t>(lanes, steps);
  std::vector<Range> columns;
  for (std::int64_t i = 0; i < count; ++i) {
    columns.push_back(
        {i * steps / count * grid, std::min((i + 1) * steps / count * grid, output_width)});
  }
  return columns;
}

Result<StreamCosts> stream_costs(const Graph& whole, const std::vector<Range>& lanes,
                                 std::int64_t step_rows) {
  StreamCosts costs;
  costs.lanes = std::ssize(lanes);
  for (const Range lane : lanes) {
    const auto work = lane_work(whole, lane);
    if (!work) return fail(work.error());
    costs.all_work += *work;
    costs.work = std::max(costs.work, *work);
  }
  for (const Range lane : largest(lanes)) {
    const auto form = make_stream(whole, lane, step_rows);
    if (!form) return fail(form.error());
    costs.step = {step_rows, std::max(costs.step.width, form->image().columns.size())};
    costs.programs = std::ssize(form->programs());
    costs.steps = form->programs().back().first_step + form->programs().back().steps;
    costs.kept_bytes = std::max(costs.kept_bytes, form->store_bytes());
    costs.output_rows = std::max(costs.output_rows, form->output().fresh_rows);
    add_programs(*form, costs);
  }
  return costs;
}

std::vector<Span> step_spans(const StreamForm& form) {
  std::vector<Span> spans;
  for (const StreamProgram& program : form.programs()) {
    for (std::int64_t step = 0; step < program.steps; ++step) {
      spans.push_back({moved(program.image_rows, step * form.image().step_rows),
                       moved(program.output_rows, step * form.output().step_rows)});
    }
  }
  return spans;
}

}  // namespace sectile
