// StreamLane: walks one lane of a streaming network down an image.
//
// The caller puts the image's rows in, a few at a step, and takes the output's rows out; every row
// of both comes once and in order. The lane owns the row buffers, and the session of the program
// that the current steps run; it loads a program when its first step comes and drops it after its
// last.
//
// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/runtime/tile_buffer.h"
#include "src/transform/stream.h"

namespace sectile::internal {

class StreamLane {
 public:
  using Load = std::function<Result<std::unique_ptr<MultiIoSession>>(const StepGraph&)>;

  // Allocates the row buffers; loads nothing yet. The sessions of the programs that `kept` names
  // stay loaded until the lane goes; of the others, only the current one. Empty: none is kept.
  // Errors: over_budget.
  static Result<StreamLane> create(std::shared_ptr<const StreamNetwork> network, Load load,
                                   std::vector<bool> kept = {});

  // Loads the sessions that are kept. Errors: those of `load`.
  Status load_kept();
  // Goes back to the image's top. The lane can go on after an error, too.
  void restart();

  bool finished() const { return program_ == network_->programs().size(); }
  // What the next step takes up of the image, and what it makes of the output; either may be empty.
  // REQUIRES: not finished.
  Rect next_image() const;
  Rect next_output() const;

  // Where the values of next_image() go, channels side by side. They are rounded to f16 where the
  // network takes that. REQUIRES: not finished.
  std::span<float> image_rows();
  // Runs the next step, or repeats the one before where all that it would take is the same. That is
  // looked for when it `may_repeat`, which costs time. Returns the values of what was
  // next_output(), channels side by side. They stay until the next call.
  // REQUIRES: not finished; image_rows() was filled.
  // Errors: those of `load` and of the session. The lane cannot go on after one.
  Result<std::span<const float>> step(bool may_repeat = false);
  // Whether the last step was not run but repeated.
  bool repeated() const { return repeated_; }

 private:
  // A buffer with its rows: first_row lies at the buffer's begin, rows below end_row are written.
  // Those before first_row that are still needed lie as they did before the buffer was started
  // again.
  struct Rows {
    TileBuffer buffer;
    std::int64_t first_row = 0;
    std::int64_t end_row = 0;
    std::int64_t older_first_row = 0;
  };

  // What a program's steps need; the session is null for a program without nodes.
  struct LoadedProgram {
    std::unique_ptr<MultiIoSession> session;
    std::vector<BufferRows> inputs;
    std::vector<BufferRows> outputs;
    bool depends_on_place = false;  // and not on the rows alone
  };

  // Where an output lies, and the first row of its buffer.
  struct Placed {
    const std::byte* rows = nullptr;
    std::int64_t first_row = 0;
  };

  StreamLane(std::shared_ptr<const StreamNetwork> network, Load load, std::vector<bool> kept)
      : network_(std::move(network)), load_(std::move(load)), kept_(std::move(kept)) {}

  bool is_kept(std::size_t program) const { return program < kept_.size() && kept_[program]; }
  Status load_program(std::size_t program);
  void drop_program(std::size_t program);
  void make_room(std::size_t buffer, Range fresh);
  std::byte* rows_at(std::size_t buffer, Range wanted);
  // Null where they do not lie there, or no longer.
  std::byte* find_rows(std::size_t buffer, Range wanted);
  bool are_equal(std::size_t buffer, Range rows, Range others);
  bool take_flat_row();
  bool next_takes_the_same();
  std::vector<Placed> outputs_now() const;
  const std::byte* still_there(std::size_t buffer, Range rows, const Placed& before);
  bool repeat_outputs(const std::vector<Placed>& before);
  Status run_program(bool image_repeats);
  bool needs_f32_staging(std::size_t buffer) const;
  void take_image_rows();
  std::span<float> floats_of(std::size_t buffer, Range rows);
  Range at_this_step(Range rows, std::size_t buffer) const;
  void bind_rows();
  void advance();

  std::shared_ptr<const StreamNetwork> network_;
  Load load_;
  std::vector<bool> kept_;                 // of each program
  std::vector<Rows> rows_;                 // of each buffer
  std::array<TileBuffer, 2> f32_staging_;  // of the image and of the output, where needed
  std::vector<std::optional<LoadedProgram>> loaded_;  // of each program
  std::size_t program_ = 0;                           // index into the network's programs
  std::int64_t step_ = 0;                             // of the program
  std::vector<std::byte> flat_row_;                   // of the image; see take_flat_row()
  bool takes_the_same_ = false;                       // of earlier rows: as the step before
  bool repeated_ = false;
  bool image_has_room_ = false;  // image_rows() was called for this step
  std::vector<const std::byte*> input_pointers_;
  std::vector<std::byte*> output_pointers_;
};

}  // namespace sectile::internal
