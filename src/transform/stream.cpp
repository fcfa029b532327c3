#include "src/transform/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/passes/row_major.h"
#include "src/graph/passes/stages.h"
#include "src/graph/types.h"
#include "src/transform/stream_schedule.h"
#include "src/transform/stream_step.h"

namespace sectile::internal {

namespace {

// Room in a buffer beside its kept rows: this share of them, or more.
constexpr std::int64_t kRoomShare = 2;

std::vector<BufferRows> shifted(std::vector<BufferRows> windows,
                                const std::vector<RowBuffer>& buffers, std::int64_t steps) {
  for (BufferRows& window : windows) {
    window.rows = buffers[window.buffer].later(window.rows, steps);
  }
  return windows;
}

// Rows that a stream keeps are rounded to the type of their value, and so must those be that it
// does not keep.
Status check_rounding(const Graph& graph) {
  const auto node = widening_node(graph);
  if (!node) return {};
  constexpr const char* kReason =
      "XNNPACK computes in f32 what is f16, and rounds at the end alone";
  if (*node < graph.nodes.size()) {
    return fail(ErrorCode::unsupported, fmt::format("{}: {}", node_name(graph, *node), kReason));
  }
  return fail(ErrorCode::unsupported, fmt::format("on this processor {}", kReason));
}

}  // namespace

// A buffer that wraps is full to its end when it does: whole steps fit after what is copied.
std::int64_t RowBuffer::capacity_rows() const {
  if (wraps())
    return contiguous_rows + round_up(history_rows, step_rows) + round_up(fresh_rows, step_rows);
  return history_rows + std::max(fresh_rows, history_rows / kRoomShare);
}

std::int64_t RowBuffer::copied_rows(std::int64_t used_rows) const {
  if (!wraps()) return history_rows;
  if (used_rows >= contiguous_rows + history_rows + fresh_rows) return contiguous_rows;
  return contiguous_rows + round_up(history_rows - contiguous_rows, step_rows);
}

double RowBuffer::copied_rows_per_step() const {
  const std::int64_t copied = copied_rows(capacity_rows());
  const std::int64_t step = std::max<std::int64_t>(1, step_rows);
  const auto steps = std::max<std::int64_t>(1, (capacity_rows() - copied) / step);
  return static_cast<double>(copied) / static_cast<double>(steps);
}

std::int64_t StreamNetwork::row_buffer_bytes() const {
  std::int64_t bytes = image().f32_staging_bytes() + output().f32_staging_bytes();
  for (const RowBuffer& buffer : row_buffers_) bytes += buffer.capacity_rows() * buffer.row_bytes();
  return bytes;
}

double StreamNetwork::copied_bytes_per_step() const {
  double bytes = 0;
  for (const RowBuffer& buffer : row_buffers_) {
    bytes += buffer.copied_rows_per_step() * static_cast<double>(buffer.row_bytes());
  }
  return bytes;
}

StepGraph StreamNetwork::step_graph(std::size_t index) const {
  return build_step(programs_[index].first_step, fresh_[index]);
}

StepGraph StreamNetwork::build_step(std::int64_t first_step,
                                    const std::vector<Range>& fresh) const {
  return StepBuilder({*graph_, fresh, columns_, buffer_of_, first_step, step_rows_}).build();
}

class StreamMaker {
 public:
  static Result<StreamNetwork> make(const Graph& whole, Range output_columns,
                                    std::optional<Range> output_rows, std::int64_t step_rows) {
    if (takes_statistics(whole)) {
      return fail(ErrorCode::unsupported, "a step does not see the whole image");
    }
    auto graph = row_major_form(whole);
    if (!graph) return fail(graph.error());
    if (auto status = check_rounding(*graph); !status) return fail(status.error());
    StreamMaker maker(std::move(*graph));
    const Rect output{output_rows.value_or(Range{0, maker.graph_.output_shape().length(Axis::y)}),
                      output_columns};
    if (auto status = maker.derive(output, step_rows); !status) return fail(status.error());
    return std::move(maker.network_);
  }

 private:
  explicit StreamMaker(Graph graph)
      : owned_(std::make_shared<const Graph>(std::move(graph))), graph_(*owned_) {
    network_.graph_ = owned_;
  }

  Status derive(Rect output, std::int64_t step_rows) {
    const Shape& all = graph_.output_shape();
    if (output.empty() || !Rect::of(all.size()).contains(output)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} are not among the output's {} and {}", to_string(output),
                              all.length(Axis::y), all.length(Axis::x)));
    }
    auto columns = needed_ranges(graph_, Axis::x, output.x);
    if (!columns) return fail(columns.error());
    network_.columns_ = std::move(*columns);
    auto rows = needed_ranges(graph_, Axis::y, output.y);
    if (!rows) return fail(rows.error());
    if (auto status = plan_steps(std::move(*rows), step_rows); !status) return status;
    if (auto status = choose_stores(); !status) return status;
    measure_stores();
    join_equal_programs();
    return {};
  }

  Status plan_steps(std::vector<Range> needed, std::int64_t step_rows) {
    needed_ = needed;
    auto schedule = StreamSchedule::make(graph_, std::move(needed), step_rows);
    if (!schedule) return fail(schedule.error());
    network_.step_rows_ = schedule->step_rows();
    network_.lag_rows_ = schedule->lag_rows();
    while (true) {
      auto step = schedule->next();
      if (!step) return fail(step.error());
      if (!*step) return {};
      const auto& fresh = (*step)->fresh;
      network_.programs_.push_back(
          {(*step)->index, (*step)->repeats, fresh[graph_.input], fresh[graph_.output]});
      network_.fresh_.push_back(std::move((*step)->fresh));
    }
  }

  // Calls visit(node index, value, rows of it that the node takes) for all that a step does.
  template <typename Visit>
  void for_each_taken(const std::vector<Range>& fresh, Visit visit) const {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (fresh[node.output].empty()) continue;
      const Range rows = taken_range(graph_, node, Axis::y, fresh[node.output]);
      for (const ValueId id : node.inputs) {
        if (id != kNoValue && graph_.shape(id).spatial()) visit(i, id, rows);
      }
    }
  }

  Status choose_stores() {
    network_.buffer_of_.assign(graph_.values.size(), kNoBuffer);
    add_store(graph_.input);
    add_store(graph_.output);
    Status chosen;
    for (const auto& fresh : network_.fresh_) {
      for_each_taken(fresh, [&](std::size_t node, ValueId id, Range rows) {
        if (rows == fresh[id] || network_.buffer_of_[id] != kNoBuffer || !chosen) return;
        chosen = check_keepable(node, id);
        if (chosen) add_store(id);
      });
    }
    return chosen;
  }

  Status check_keepable(std::size_t node, ValueId id) const {
    if (is_row_major_image(graph_.shape(id))) return {};
    return fail(
        ErrorCode::unsupported,
        fmt::format("{}: it needs rows of earlier steps, and its input of shape {} does not "
                    "hold rows in one piece",
                    node_name(graph_, node), to_string(graph_.shape(id))));
  }

  void add_store(ValueId id) {
    RowBuffer buffer;
    buffer.value = id;
    buffer.type = graph_.values[id].type;
    buffer.columns = network_.columns_[id];
    buffer.channels = graph_.shape(id).dims[3];
    buffer.first_row = needed_[id].begin;
    buffer.step_rows = network_.step_rows_[id];
    network_.buffer_of_[id] = network_.row_buffers_.size();
    network_.row_buffers_.push_back(buffer);
  }

  // Rows that must lie in one piece with what is written after them, so that a node finds all that
  // it takes in one piece: with the step's fresh rows, or with those of any later step.
  static std::int64_t contiguous_rows(Range taken, Range fresh) {
    const bool with_fresh = !fresh.empty() && fresh.begin < taken.end;
    return std::max<std::int64_t>(0, with_fresh ? fresh.begin - taken.begin : taken.size() - 1);
  }

  // From the last step back: the first row that a step or a later one still needs.
  void measure_stores() {
    std::vector<std::int64_t> first_needed(graph_.values.size(),
                                           std::numeric_limits<std::int64_t>::max());
    for (std::size_t i = network_.fresh_.size(); i-- > 0;) {
      const auto& fresh = network_.fresh_[i];
      for_each_taken(fresh, [&](std::size_t, ValueId id, Range rows) {
        first_needed[id] = std::min(first_needed[id], rows.begin);
        if (network_.buffer_of_[id] == kNoBuffer) return;
        RowBuffer& buffer = network_.row_buffers_[network_.buffer_of_[id]];
        buffer.contiguous_rows = std::max(buffer.contiguous_rows, contiguous_rows(rows, fresh[id]));
      });
      for (RowBuffer& buffer : network_.row_buffers_) {
        const Range rows = fresh[buffer.value];
        buffer.fresh_rows = std::max(buffer.fresh_rows, rows.size());
        buffer.history_rows =
            std::max(buffer.history_rows, rows.begin - first_needed[buffer.value]);
      }
    }
  }

  bool goes_on(const StreamProgram& program, const StepGraph& step, const StepGraph& next,
               const StreamProgram& next_program) const {
    const auto& buffers = network_.row_buffers_;
    const auto follows = [&](Range rows, Range next_rows, std::size_t buffer) {
      if (rows.empty() || next_rows.empty()) return rows.empty() && next_rows.empty();
      return buffers[buffer].later(rows, program.steps) == next_rows;
    };
    return follows(program.image_rows, next_program.image_rows, StreamNetwork::kImage) &&
           follows(program.output_rows, next_program.output_rows, StreamNetwork::kOutput) &&
           shifted(step.inputs, buffers, program.steps) == next.inputs &&
           shifted(step.outputs, buffers, program.steps) == next.outputs &&
           step.graph == next.graph;
  }

  void join_equal_programs() {
    auto programs = std::exchange(network_.programs_, {});
    auto fresh = std::exchange(network_.fresh_, {});
    StepGraph last;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      StepGraph step = network_.build_step(programs[i].first_step, fresh[i]);
      if (i > 0 && goes_on(network_.programs_.back(), last, step, programs[i])) {
        network_.programs_.back().steps += programs[i].steps;
        continue;
      }
      network_.programs_.push_back(programs[i]);
      network_.fresh_.push_back(std::move(fresh[i]));
      last = std::move(step);
    }
  }

  std::shared_ptr<const Graph> owned_;
  const Graph& graph_;
  StreamNetwork network_;
  std::vector<Range> needed_;
};

Result<StreamNetwork> make_stream(const Graph& whole, Range output_columns, std::int64_t step_rows,
                                  std::optional<Range> output_rows) {
  return StreamMaker::make(whole, output_columns, output_rows, step_rows);
}

}  // namespace sectile::internal
