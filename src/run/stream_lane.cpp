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
    lane.rows_.push_back({std::move(*buffer), store.first_row, store.first_row, store.first_row});
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

// They lie in one piece: among those written since the store was begun anew, or among those before,
// behind what has been overwritten.
std::byte* StreamLane::rows_at(std::size_t store, Range wanted) {
  Rows& rows = rows_[store];
  const StreamStore& spec = form_->stores()[store];
  const bool is_older = wanted.begin < rows.first_row;
  const std::int64_t offset = wanted.begin - (is_older ? rows.older_first_row : rows.first_row);
  assert(wanted.end <= (is_older ? rows.first_row + spec.joint_rows : rows.end_row));
  assert(offset >= (is_older ? rows.end_row - rows.first_row : 0));
  return rows.buffer.bytes() + offset * spec.row_bytes();
}

bool StreamLane::is_staged(std::size_t store) const {
  return form_->stores()[store].type != DataType::f32;
}

// Of the image or the output: where the caller writes or reads these rows.
std::span<float> StreamLane::floats_of(std::size_t store, Range rows) {
  auto* const floats = is_staged(store) ? staged_[store].values().data()
                                        : reinterpret_cast<float*>(rows_at(store, rows));
  return {floats, static_cast<std::size_t>(rows.size() * form_->stores()[store].row_values())};
}

void StreamLane::take_image_rows() {
  const Range rows = next_image().y;
  if (rows.empty() || !is_staged(StreamForm::kImage)) return;
  to_halves(floats_of(StreamForm::kImage, rows), rows_at(StreamForm::kImage, rows));
}

// Begins the store anew when the fresh rows do not fit behind those there are.
void StreamLane::make_room(std::size_t store, Range fresh) {
  Rows& rows = rows_[store];
  const StreamStore& spec = form_->stores()[store];
  assert(fresh.begin == rows.end_row);
  if (fresh.end - rows.first_row > spec.capacity_rows()) {
    const std::int64_t copied = spec.copied_rows(fresh.begin - rows.first_row);
    std::memmove(rows.buffer.bytes(), rows_at(store, {fresh.begin - copied, fresh.begin}),
                 static_cast<std::size_t>(copied * spec.row_bytes()));
    rows.older_first_row = rows.first_row;
    rows.first_row = fresh.begin - copied;
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
    output_pointers_[i] = rows_at(store, fresh);
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto [store, rows] = inputs_[i];
    input_pointers_[i] = rows_at(store, at_this_step(rows, store));
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
      from_halves(rows_at(StreamForm::kOutput, rows), made);
    }
  }
  advance();
  return made;
}

}  // namespace sectile
