#include "src/run/stream_lane.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/half.h"
#include "src/base/system.h"

namespace sectile {

Result<StreamLane> StreamLane::create(std::shared_ptr<const StreamForm> form, Load load) {
  StreamLane lane(std::move(form), std::move(load));
  for (const StreamStore& store : lane.form_->stores()) {
    auto buffer = TileBuffer::allocate_bytes(store.capacity_rows() * store.row_bytes());
    if (!buffer) return fail(buffer.error());
    lane.rows_.push_back({std::move(*buffer), store.first_row, store.first_row});
  }
  for (const std::size_t end : {StreamForm::kImage, StreamForm::kOutput}) {
    auto buffer = TileBuffer::allocate_bytes(lane.form_->stores()[end].staging_bytes());
    if (!buffer) return fail(buffer.error());
    lane.staged_[end] = std::move(*buffer);
  }
  return lane;
}

Range StreamLane::at_this_step(Range rows, std::size_t store) const {
  return form_->stores()[store].later(rows, step_);
}

Rect StreamLane::next_image() const {
  const Range rows = form_->programs()[program_].image_rows;
  return {at_this_step(rows, StreamForm::kImage), form_->image().columns};
}

Rect StreamLane::next_output() const {
  const Range rows = form_->programs()[program_].output_rows;
  return {at_this_step(rows, StreamForm::kOutput), form_->output().columns};
}

std::byte* StreamLane::rows_at(std::size_t store, std::int64_t row) {
  const std::int64_t offset = row - rows_[store].first_row;
  assert(offset >= 0);
  return rows_[store].buffer.bytes() + offset * form_->stores()[store].row_bytes();
}

bool StreamLane::is_staged(std::size_t store) const {
  return form_->stores()[store].type != DataType::f32;
}

// Of the image or the output: where the caller writes or reads these rows.
std::span<float> StreamLane::floats_of(std::size_t store, Range rows) {
  auto* const floats = is_staged(store) ? staged_[store].values().data()
                                        : reinterpret_cast<float*>(rows_at(store, rows.begin));
  return {floats, static_cast<std::size_t>(rows.size() * form_->stores()[store].row_values())};
}

void StreamLane::take_image_rows() {
  const Range rows = next_image().y;
  if (rows.empty() || !is_staged(StreamForm::kImage)) return;
  to_halves(floats_of(StreamForm::kImage, rows), rows_at(StreamForm::kImage, rows.begin));
}

// Moves the rows that are still needed to the front when the fresh ones do not fit behind them.
void StreamLane::make_room(std::size_t store, Range fresh) {
  Rows& rows = rows_[store];
  const StreamStore& spec = form_->stores()[store];
  assert(fresh.begin == rows.end_row);
  if (fresh.end - rows.first_row > spec.capacity_rows()) {
    const std::int64_t first = std::max(rows.first_row, fresh.begin - spec.kept_rows);
    const std::int64_t bytes = (fresh.begin - first) * spec.row_bytes();
    std::memmove(rows.buffer.bytes(), rows_at(store, first), static_cast<std::size_t>(bytes));
    rows.first_row = first;
  }
  rows.end_row = fresh.end;
}

std::span<float> StreamLane::image_rows() {
  const Range rows = next_image().y;
  if (rows.empty()) return {};
  if (!image_has_room_) make_room(StreamForm::kImage, rows);
  image_has_room_ = true;
  return floats_of(StreamForm::kImage, rows);
}

Status StreamLane::load_program() {
  // Before the next is loaded, so that only one takes memory at a time.
  if (session_ != nullptr) {
    session_.reset();
    release_unused_heap();
  }
  StepGraph step = form_->step_graph(program_);
  if (!step.graph.nodes.empty()) {
    auto session = load_(step);
    if (!session) return fail(session.error());
    session_ = std::move(*session);
  }
  inputs_ = std::move(step.inputs);
  outputs_ = std::move(step.outputs);
  input_pointers_.resize(inputs_.size());
  output_pointers_.resize(outputs_.size());
  is_loaded_ = true;
  return {};
}

// Room first: it may move the rows that inputs point at.
void StreamLane::point_ports() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto [store, rows] = outputs_[i];
    const Range fresh = at_this_step(rows, store);
    make_room(store, fresh);
    output_pointers_[i] = rows_at(store, fresh.begin);
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto [store, rows] = inputs_[i];
    input_pointers_[i] = rows_at(store, at_this_step(rows, store).begin);
  }
}

void StreamLane::advance() {
  image_has_room_ = false;
  if (++step_ < form_->programs()[program_].steps) return;
  step_ = 0;
  is_loaded_ = false;
  ++program_;
}

Result<std::span<const float>> StreamLane::step() {
  assert(!finished() && (image_has_room_ || next_image().empty()));
  if (!is_loaded_) {
    if (auto status = load_program(); !status) return fail(status.error());
  }
  take_image_rows();
  point_ports();
  if (session_ != nullptr) {
    if (auto status = session_->run(input_pointers_, output_pointers_); !status) {
      return fail(status.error());
    }
  }
  const Range rows = next_output().y;
  std::span<float> made;
  if (!rows.empty()) {
    made = floats_of(StreamForm::kOutput, rows);
    if (is_staged(StreamForm::kOutput)) {
      from_halves(rows_at(StreamForm::kOutput, rows.begin), made);
    }
  }
  advance();
  return made;
}

}  // namespace sectile
