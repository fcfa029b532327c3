#include "src/run/stream_lane.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/half.h"
#include "src/base/own_kernels.h"

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
  takes_the_same_ = false;
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
std::byte* StreamLane::find_rows(std::size_t buffer, Range wanted) {
  Rows& rows = rows_[buffer];
  const RowBuffer& spec = network_->row_buffers()[buffer];
  const bool is_older = wanted.begin < rows.first_row;
  const std::int64_t offset = wanted.begin - (is_older ? rows.older_first_row : rows.first_row);
  const std::int64_t end = is_older ? rows.first_row + spec.contiguous_rows : rows.end_row;
  if (wanted.end > end || offset < (is_older ? rows.end_row - rows.first_row : 0)) return nullptr;
  return rows.buffer.bytes() + offset * spec.row_bytes();
}

std::byte* StreamLane::rows_at(std::size_t buffer, Range wanted) {
  std::byte* const rows = find_rows(buffer, wanted);
  assert(rows != nullptr);
  return rows;
}

// Row by row: some may lie where they were before the buffer was started again.
bool StreamLane::are_equal(std::size_t buffer, Range rows, Range others) {
  const auto bytes = static_cast<std::size_t>(network_->row_buffers()[buffer].row_bytes());
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    const std::byte* row = find_rows(buffer, {rows.begin + i, rows.begin + i + 1});
    const std::byte* other = find_rows(buffer, {others.begin + i, others.begin + i + 1});
    if (row == nullptr || other == nullptr || std::memcmp(row, other, bytes) != 0) return false;
  }
  return true;
}

// Keeps the row that all of the image's rows of this step are; none, where they differ. Whether the
// step before had that row, too.
bool StreamLane::take_flat_row() {
  const auto bytes = static_cast<std::size_t>(network_->image().row_bytes());
  const Range rows = next_image().y;
  const std::vector<std::byte> before = std::exchange(flat_row_, {});
  if (rows.empty()) return false;
  const std::byte* first = rows_at(StreamNetwork::kImage, rows);
  for (std::int64_t i = 1; i < rows.size(); ++i) {
    if (std::memcmp(first, first + static_cast<std::size_t>(i) * bytes, bytes) != 0) return false;
  }
  flat_row_.assign(first, first + bytes);
  return flat_row_ == before;
}

// After a step: whether the rows of earlier steps that the next one takes are those that this one
// took.
bool StreamLane::next_takes_the_same() {
  const LoadedProgram& loaded = *loaded_[program_];
  if (loaded.depends_on_place || step_ + 1 >= network_->programs()[program_].steps) return false;
  for (const auto& [buffer, rows] : loaded.inputs) {
    const RowBuffer& spec = network_->row_buffers()[buffer];
    const auto fresh = std::ranges::find(loaded.outputs, buffer, &BufferRows::buffer);
    const Range image = network_->programs()[program_].image_rows;
    const Range written = fresh != loaded.outputs.end()     ? fresh->rows
                          : buffer == StreamNetwork::kImage ? image
                                                            : Range{rows.end, rows.end};
    const Range older = at_this_step({rows.begin, std::min(rows.end, written.begin)}, buffer);
    if (!are_equal(buffer, older, older.shifted(spec.step_rows))) return false;
  }
  return true;
}

std::vector<StreamLane::Placed> StreamLane::outputs_now() const {
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < output_pointers_.size(); ++i) {
    const std::size_t buffer = loaded_[program_]->outputs[i].buffer;
    placed.push_back({output_pointers_[i], rows_[buffer].first_row});
  }
  return placed;
}

// Where an output of the step before lies, after room was made for this one's `rows`. Null where it
// does no longer.
const std::byte* StreamLane::still_there(std::size_t buffer, Range rows, const Placed& before) {
  const std::int64_t row_bytes = network_->row_buffers()[buffer].row_bytes();
  if (rows_[buffer].first_row == before.first_row) return before.rows;
  const std::byte* begin = rows_[buffer].buffer.bytes();
  const std::int64_t copied = rows.begin - rows_[buffer].first_row;
  if (copied >= rows.size()) return begin + (copied - rows.size()) * row_bytes;
  return before.rows < begin + copied * row_bytes ? nullptr : before.rows;
}

// Puts the outputs of the step before in the place of this one's. False, and nothing is done, where
// they are no longer there.
bool StreamLane::repeat_outputs(const std::vector<Placed>& before) {
  const std::vector<BufferRows>& outputs = loaded_[program_]->outputs;
  std::vector<const std::byte*> from;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [buffer, rows] = outputs[i];
    from.push_back(still_there(buffer, at_this_step(rows, buffer), before[i]));
    if (from.back() == nullptr) return false;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::int64_t bytes =
        outputs[i].rows.size() * network_->row_buffers()[outputs[i].buffer].row_bytes();
    std::memmove(output_pointers_[i], from[i], static_cast<std::size_t>(bytes));
  }
  return true;
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
  loaded.depends_on_place = std::ranges::count(step.graph.nodes, kResizeBilinear, &Node::op) > 0;
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
  takes_the_same_ = false;
  drop_program(program_);
  step_ = 0;
  ++program_;
}

// A program gives the same for the same. What was read for a step that is repeated is what was read
// for the one before, and so the next one may be repeated too.
Status StreamLane::run_program(bool image_repeats) {
  const bool repeats = takes_the_same_ && image_repeats;
  const std::vector<Placed> before = repeats ? outputs_now() : std::vector<Placed>{};
  bind_rows();
  repeated_ = repeats && repeat_outputs(before);
  if (repeated_) return {};
  const auto& session = loaded_[program_]->session;
  if (session != nullptr) {
    session->stand_at(
        {(network_->programs()[program_].first_step + step_) * network_->step_rows()});
    if (auto status = session->run(input_pointers_, output_pointers_); !status) return status;
  }
  takes_the_same_ = !flat_row_.empty() && next_takes_the_same();
  return {};
}

Result<std::span<const float>> StreamLane::step(bool may_repeat) {
  assert(!finished() && (image_has_room_ || next_image().empty()));
  if (!loaded_[program_]) {
    if (auto status = load_program(program_); !status) return fail(status.error());
  }
  take_image_rows();
  if (!may_repeat) flat_row_.clear();
  const bool image_repeats = may_repeat && take_flat_row();
  if (auto status = run_program(image_repeats); !status) return fail(status.error());
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
