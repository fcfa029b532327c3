#include "src/transform/stream_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "src/base/integers.h"
#include "src/footprint/footprint.h"
#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

Range rows_of(const Graph& graph, ValueId id, Axis axis) {
  return {0, graph.shape(id).length(axis)};
}

// The node's inputs that come from the image. All have the same rows.
std::vector<ValueId> image_inputs(const Graph& graph, const Node& node) {
  std::vector<ValueId> images;
  for (const ValueId id : node.inputs) {
    if (id != kNoValue && graph.shape(id).spatial()) images.push_back(id);
  }
  return images;
}

Crop crop_of(const Graph& graph, const Node& node, Axis axis, Range output) {
  return find_rule(node.op)->crop.ranges({graph, node}, axis, output);
}

// One past the last output row that `input_end` rows of the input are enough for.
std::int64_t furthest_end(const Graph& graph, const Node& node, std::int64_t input_end) {
  const auto fits = [&](std::int64_t end) {
    return crop_of(graph, node, Axis::y, {end - 1, end}).input.end <= input_end;
  };
  const Ratio scale = find_rule(node.op)->scale({graph, node}, Axis::y);
  std::int64_t low = floor_div(input_end * scale.num, scale.den);
  std::int64_t high = low + 1;
  for (std::int64_t stride = 1; !fits(low); stride *= 2) low -= stride;
  for (std::int64_t stride = 1; fits(high); stride *= 2) high += stride;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

double bytes_per_step(const Graph& graph, ValueId id, const std::vector<std::int64_t>& step_rows) {
  return static_cast<double>(graph.values[id].size_bytes()) /
         static_cast<double>(graph.shape(id).length(Axis::y)) * static_cast<double>(step_rows[id]);
}

}  // namespace

Range taken_range(const Graph& graph, const Node& node, Axis axis, Range output) {
  const ValueId image = image_inputs(graph, node).front();
  return crop_of(graph, node, axis, output).input.intersect(rows_of(graph, image, axis));
}

Result<std::vector<Range>> needed_ranges(const Graph& graph, Axis axis, Range output) {
  std::vector<Range> needed(graph.values.size());
  needed[graph.output] = output;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    const auto inputs = image_inputs(graph, node);
    if (needed[node.output].empty() || inputs.empty()) continue;
    const CropRule& crop = find_rule(node.op)->crop;
    if (crop.ranges == nullptr || (crop.possible != nullptr && !crop.possible({graph, node}))) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: no part of it can be computed alone", node_name(graph, i)));
    }
    const Range taken = taken_range(graph, node, axis, needed[node.output]);
    if (taken.empty()) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{}: {} of it lie in its padding alone", node_name(graph, i),
                              to_string(needed[node.output])));
    }
    for (const ValueId id : inputs) needed[id] = needed[id].unite(taken);
  }
  return needed;
}

Result<StreamSchedule> StreamSchedule::make(const Graph& graph, std::vector<Range> needed,
                                            std::int64_t step_rows) {
  const AxisFootprint footprint = derive_footprint(graph).y;
  if (step_rows < 1 || step_rows % footprint.grid != 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("steps of {} rows are no multiple of the network's grid of {}",
                            step_rows, footprint.grid));
  }
  StreamSchedule schedule(graph, std::move(needed));
  for (const Ratio scale : footprint.value_scale) {
    schedule.step_rows_.push_back(step_rows * scale.num / scale.den);
  }
  schedule.derive_earliest();
  schedule.delay_where_better();
  const Ratio scale = footprint.scale;
  schedule.lag_rows_ =
      step_rows - floor_div(schedule.first_done_[graph.output] * scale.den, scale.num);
  schedule.begin_at_first_needed();
  for (const Range range : schedule.needed_) schedule.before_.push_back(range.begin);
  schedule.done_ = schedule.before_;
  return schedule;
}

void StreamSchedule::derive_earliest() {
  first_done_.assign(graph_->values.size(), 0);
  first_done_[graph_->input] = step_rows_[graph_->input];
  for (const Node& node : graph_->nodes) {
    if (!takes_part(node.output)) continue;
    std::int64_t end = kNever;
    for (const ValueId id : image_inputs(*graph_, node)) {
      end = std::min(end, furthest_end(*graph_, node, first_done_[id]));
    }
    first_done_[node.output] = end == kNever ? 0 : end;
  }
}

// A value that is no less than what it is made of is better made when it is needed. One whose rows
// do not lie in one piece has to be: none of them can be kept. For that reason what is made of such
// a one takes all of it at once (a pixel shuffle makes its rows by twos).
bool StreamSchedule::better_late(const Node& node) const {
  if (!is_row_major_image(graph_->shape(node.output))) return true;
  double inputs = 0;
  for (const ValueId id : image_inputs(*graph_, node)) {
    if (!is_row_major_image(graph_->shape(id))) return false;
    inputs += bytes_per_step(*graph_, id, step_rows_);
  }
  return bytes_per_step(*graph_, node.output, step_rows_) >= inputs;
}

void StreamSchedule::delay_where_better() {
  std::vector<std::int64_t> latest(graph_->values.size(), std::numeric_limits<std::int64_t>::min());
  for (std::size_t i = graph_->nodes.size(); i-- > 0;) {
    const Node& node = graph_->nodes[i];
    const auto inputs = image_inputs(*graph_, node);
    if (!takes_part(node.output) || inputs.empty()) continue;
    std::int64_t& done = first_done_[node.output];
    if (node.output != graph_->output && better_late(node)) done = latest[node.output];
    const std::int64_t end = crop_of(*graph_, node, Axis::y, {done - 1, done}).input.end;
    for (const ValueId id : inputs) latest[id] = std::max(latest[id], end);
  }
}

// Steps before the first that takes up needed rows of the image are left out.
void StreamSchedule::begin_at_first_needed() {
  const std::int64_t steps = needed_[graph_->input].begin / step_rows_[graph_->input];
  for (std::size_t id = 0; id < first_done_.size(); ++id) first_done_[id] += steps * step_rows_[id];
}

std::int64_t StreamSchedule::clamped_done(ValueId id, std::int64_t step) const {
  const std::int64_t done = first_done_[id] + step * step_rows_[id];
  return std::clamp(done, needed_[id].begin, needed_[id].end);
}

std::int64_t StreamSchedule::computable_end(const Node& node) const {
  std::int64_t end = std::max(before_[node.output], clamped_done(node.output, step_));
  for (const ValueId id : image_inputs(*graph_, node)) {
    if (done_[id] < needed_[id].end) end = std::min(end, furthest_end(*graph_, node, done_[id]));
  }
  return end;
}

// Rows that come from padding alone cannot be computed without others: they wait for the first that
// come from the image, or go with the last.
std::int64_t StreamSchedule::next_done(const Node& node) const {
  const std::int64_t before = before_[node.output];
  const std::int64_t last = needed_[node.output].end;
  const std::int64_t end = computable_end(node);
  if (end <= before || taken_range(*graph_, node, Axis::y, {before, end}).empty()) return before;
  if (end == last || !taken_range(*graph_, node, Axis::y, {end, last}).empty()) return end;
  const auto complete = [&](ValueId id) { return done_[id] == needed_[id].end; };
  return std::ranges::all_of(image_inputs(*graph_, node), complete) ? last : before;
}

void StreamSchedule::compute_ahead() {
  done_[graph_->input] = clamped_done(graph_->input, step_);
  for (const Node& node : graph_->nodes) {
    if (!takes_part(node.output) || image_inputs(*graph_, node).empty()) continue;
    done_[node.output] = next_done(node);
  }
}

// Of a value that cannot be kept no row is made before the step that needs it.
void StreamSchedule::hold_back() {
  std::vector<std::int64_t> taken = before_;
  for (std::size_t i = graph_->nodes.size(); i-- > 0;) {
    const Node& node = graph_->nodes[i];
    const auto inputs = image_inputs(*graph_, node);
    if (!takes_part(node.output) || inputs.empty()) continue;
    if (!is_row_major_image(graph_->shape(node.output))) done_[node.output] = taken[node.output];
    const Range fresh{before_[node.output], done_[node.output]};
    if (fresh.empty()) continue;
    const std::int64_t end = taken_range(*graph_, node, Axis::y, fresh).end;
    for (const ValueId id : inputs) taken[id] = std::max(taken[id], end);
  }
}

// Steps do the same as the last as long as nothing meets an end of the image.
std::int64_t StreamSchedule::repeats_of(const Step& step) const {
  std::int64_t more = kNever;
  const auto limit = [&](ValueId id, std::int64_t end, std::int64_t most) {
    more = std::min(more, floor_div(most - end, step_rows_[id]));
  };
  for (ValueId id = 0; id < graph_->values.size(); ++id) {
    if (!takes_part(id) || !graph_->shape(id).spatial()) continue;
    const std::int64_t end = first_done_[id] + step.index * step_rows_[id];
    if (step.fresh[id] != Range{end - step_rows_[id], end}) return 1;
    limit(id, end, needed_[id].end);
  }
  for (const Node& node : graph_->nodes) {
    const auto inputs = image_inputs(*graph_, node);
    if (!takes_part(node.output) || inputs.empty()) continue;
    const Range input = crop_of(*graph_, node, Axis::y, step.fresh[node.output]).input;
    if (input.begin < 0) return 1;
    const Range rows = rows_of(*graph_, inputs[0], Axis::y);
    limit(inputs[0], input.end, rows.end);
    // The rows after must not come from padding alone: see next_done.
    const std::int64_t end = step.fresh[node.output].end;
    limit(inputs[0], crop_of(*graph_, node, Axis::y, {end, end + 1}).input.begin + 1, rows.end);
  }
  return 1 + std::max<std::int64_t>(0, more);
}

Result<std::optional<StreamSchedule::Step>> StreamSchedule::next() {
  if (done_[graph_->output] == needed_[graph_->output].end) return std::nullopt;
  const bool all_due = clamped_done(graph_->output, step_ - 1) == needed_[graph_->output].end;
  before_ = done_;
  compute_ahead();
  hold_back();
  if (all_due && done_ == before_) {
    return fail(ErrorCode::internal, fmt::format("[stream] step {} computes nothing", step_));
  }
  Step step{step_, 1, {}};
  for (ValueId id = 0; id < done_.size(); ++id) step.fresh.push_back({before_[id], done_[id]});
  step.repeats = repeats_of(step);
  for (ValueId id = 0; id < done_.size(); ++id) {
    if (takes_part(id)) done_[id] += (step.repeats - 1) * step_rows_[id];
  }
  step_ += step.repeats;
  return step;
}

}  // namespace sectile::internal
