#include "src/run/stream_lane.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/half.h"

namespace sectile::internal {

Result<StreamLane> StreamLane::create(std::shared_ptr<const StreamNetwork> network, Load load,
                                      std::vector<bool> kept) {
  StreamLane lane(std::move(network), std::move(load), std::move(kept));
  lane.loaded_.resize(lane.network_->programs().size());
  for (const RowBuffer& spec : lane.network_->row_buffers()) {
    auto buffer = TileBuffer::allocate_bytes(spec.capacity_rows() * spec.row_bytes());
    if (!buffer) return fail(buffer.error());
    lane.rows_.push_back({std::move(*buffer)});
  }
  for (const std::size_t end : {StreamNetwork::kImage, StreamNetwork::kOutput}) {
    auto buffer = TileBuffer::allocate_bytes(lane.network_->row_buffers()[end].f32_staging_bytes());
    if (!buffer) return fail(buffer.error());
    lane.f32_staging_[end] = std::move(*buffer);
  }
  lane.restart();
  return lane;
}

Status StreamLane::load_kept() {
  for (std::size_t i = 0; i < loaded_.size(); ++i) {
    if (!is_kept(i) || loaded_[i]) continue;
    if (auto status = load_program(i); !status) return status;
  }
  return {};
}

void StreamLane::restart() {
  if (!finished()) drop_program(program_);
  program_ = 0;
  step_ = 0;
  image_has_room_ = false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::int64_t first_row = network_->row_buffers()[i].first_row;
    rows_[i].first_row = rows_[i].end_row = rows_[i].older_first_row = first_row;
  }
}

Range StreamLane::at_this_step(Range rows, std::size_t buffer) const {
  return network_->row_buffers()[buffer].later(rows, step_);
}

Rect StreamLane::next_image() const {
  const Range rows = network_->programs()[program_].image_rows;
  return {at_this_step(rows, StreamNetwork::kImage), network_->image().columns};
}

Rect StreamLane::next_output() const {
  const Range rows = network_->programs()[program_].output_rows;
  return {at_this_step(rows, StreamNetwork::kOutput), network_->output().columns};
}

// They lie in one piece: among those written since the buffer was started again, or among those
// before, after what has been overwritten.
std::byte* StreamLane::rows_at(std::size_t buffer, Range wanted) {
  Rows& rows = rows_[buffer];
  const RowBuffer& spec = network_->row_buffers()[buffer];
  const bool is_older = wanted.begin < rows.first_row;
  const std::int64_t offset = wanted.begin - (is_older ? rows.older_first_row : rows.first_row);
  assert(wanted.end <= (is_older ? rows.first_row + spec.contiguous_rows : rows.end_row));
  assert(offset >= (is_older ? rows.end_row - rows.first_row : 0));
  return rows.buffer.bytes() + offset * spec.row_bytes();
}

bool StreamLane::needs_f32_staging(std::size_t buffer) const {
  return network_->row_buffers()[buffer].type != DataType::f32;
}

// Of the image or the output: where the caller writes or reads these rows.
std::span<float> StreamLane::floats_of(std::size_t buffer, Range rows) {
  auto* const floats = needs_f32_staging(buffer) ? f32_staging_[buffer].values().data()
                                                 : reinterpret_cast<float*>(rows_at(buffer, rows));
  return {floats,
          static_cast<std::size_t>(rows.size() * network_->row_buffers()[buffer].row_values())};
}

void StreamLane::take_image_rows() {
  const Range rows = next_image().y;
  if (rows.empty() || !needs_f32_staging(StreamNetwork::kImage)) return;
  to_halves(floats_of(StreamNetwork::kImage, rows), rows_at(StreamNetwork::kImage, rows));
}

// Starts the buffer again when the fresh rows do not fit after those in it.
void StreamLane::make_room(std::size_t buffer, Range fresh) {
  Rows& rows = rows_[buffer];
  const RowBuffer& spec = network_->row_buffers()[buffer];
  assert(fresh.begin == rows.end_row);
  if (fresh.end - rows.first_row > spec.capacity_rows()) {
    const std::int64_t copied = spec.copied_rows(fresh.begin - rows.first_row);
    std::memmove(rows.buffer.bytes(), rows_at(buffer, {fresh.begin - copied, fresh.begin}),
                 static_cast<std::size_t>(copied * spec.row_bytes()));
    rows.older_first_row = rows.first_row;
    rows.first_row = fresh.begin - copied;
  }
  rows.end_row = fresh.end;
}

std::span<float> StreamLane::image_rows() {
  const Range rows = next_image().y;
  if (rows.empty()) return {};
  if (!image_has_room_) make_room(StreamNetwork::kImage, rows);
  image_has_room_ = true;
  return floats_of(StreamNetwork::kImage, rows);
}

Status StreamLane::load_program(std::size_t program) {
  StepGraph step = network_->step_graph(program);
  LoadedProgram loaded;
  if (!step.graph.nodes.empty()) {
    auto session = load_(step);
    if (!session) return fail(session.error());
    loaded.session = std::move(*session);
  }
  loaded.inputs = std::move(step.inputs);
  loaded.outputs = std::move(step.outputs);
  loaded_[program] = std::move(loaded);
  return {};
}

// Before the next one is loaded, so that only one takes memory at a time.
void StreamLane::drop_program(std::size_t program) {
  if (!is_kept(program)) loaded_[program].reset();
}

// Room first: it may move the rows that inputs point at.
void StreamLane::bind_rows() {
  const LoadedProgram& loaded = *loaded_[program_];
  output_pointers_.resize(loaded.outputs.size());
  input_pointers_.resize(loaded.inputs.size());
  for (std::size_t i = 0; i < loaded.outputs.size(); ++i) {
    const auto [buffer, rows] = loaded.outputs[i];
    const Range fresh = at_this_step(rows, buffer);
    make_room(buffer, fresh);
    output_pointers_[i] = rows_at(buffer, fresh);
  }
  for (std::size_t i = 0; i < loaded.inputs.size(); ++i) {
    const auto [buffer, rows] = loaded.inputs[i];
    input_pointers_[i] = rows_at(buffer, at_this_step(rows, buffer));
  }
}

void StreamLane::advance() {
  image_has_room_ = false;
  if (++step_ < network_->programs()[program_].steps) return;
  drop_program(program_);
  step_ = 0;
  ++program_;
}

Result<std::span<const float>> StreamLane::step() {
  assert(!finished() && (image_has_room_ || next_image().empty()));
  if (!loaded_[program_]) {
    if (auto status = load_program(program_); !status) return fail(status.error());
  }
  take_image_rows();
  bind_rows();
  if (const auto& session = loaded_[program_]->session; session != nullptr) {
    session->stand_at(
        {(network_->programs()[program_].first_step + step_) * network_->step_rows()});
    if (auto status = session->run(input_pointers_, output_pointers_); !status) {
      return fail(status.error());
    }
  }
  const Range rows = next_output().y;
  std::span<float> made;
  if (!rows.empty()) {
    made = floats_of(StreamNetwork::kOutput, rows);
    if (needs_f32_staging(StreamNetwork::kOutput)) {
      from_halves(rows_at(StreamNetwork::kOutput, rows), made);
    }
  }
  advance();
  return made;
}

}  // namespace sectile::internal
