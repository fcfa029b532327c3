// Stream: a network that walks down the image and computes nothing twice.
//
// A step takes up some rows of the image and computes of every value the rows that they make
// possible. Rows that later steps need again are not computed again: they lie in a buffer. The
// program of a step writes a value's fresh rows into the value's buffer, and each node that needs
// more than those reads a window of the buffer, rows of earlier steps and fresh ones, in place. So
// an input of the program overlaps an output in memory; nodes run in their order, and what a node
// reads was written before (MultiIoSession). Nothing is copied, except a buffer's last rows to its
// front when its end is reached.
//
// A lane is a range of output columns. Lanes know nothing of each other; what their inner edges
// need of the neighbour's columns they compute themselves, layer by layer.
//
// Thread safety: a StreamNetwork is immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The rows of one value that are held at a time: rows of `columns`, channels side by side.
struct RowBuffer {
  ValueId value = kNoValue;  // of the network, for messages
  DataType type = DataType::f32;
  Range columns;  // of the whole value
  std::int64_t channels = 0;
  std::int64_t first_row = 0;     // the first that is ever written
  std::int64_t fresh_rows = 0;    // most that one step writes
  std::int64_t history_rows = 0;  // most that a step needs of those before
  // Of those, most that must lie in one piece with the next rows.
  std::int64_t contiguous_rows = 0;
  std::int64_t step_rows = 0;  // by which rows move on from step to step of one program

  std::int64_t row_values() const { return columns.size() * channels; }
  std::int64_t row_bytes() const { return row_values() * size_bytes(type); }
  // Of floats, where the rows are not: the caller writes and reads floats. For the image's buffer
  // and the output's.
  std::int64_t f32_staging_bytes() const {
    return type == DataType::f32 ? 0 : fresh_rows * row_values() * size_bytes(DataType::f32);
  }
  // Rows of a program's first step, `steps` steps on. No rows stay none.
  Range later(Range rows, std::int64_t steps) const {
    return rows.empty() ? rows : rows.shifted(steps * step_rows);
  }
  // A buffer is written from its front to its end, again and again. Copies of the last rows go to
  // the front: all history rows, or, where many are kept for a node far down the network, only the
  // contiguous ones; the others stay where they are until nobody needs them.
  bool wraps() const { return history_rows > 0 && 2 * contiguous_rows <= history_rows; }
  // Room for the rows of a step, and for so many more that copies are rare.
  std::int64_t capacity_rows() const;
  // Rows to be copied to the front when `used_rows` lie in the buffer and the next step's do not
  // fit after them. Where the steps before left too many rows at its end free (at the image's top
  // they do), none can stay: they would be overwritten before they have been used.
  std::int64_t copied_rows(std::int64_t used_rows) const;
  // Copied in a step of a long program, on the average.
  double copied_rows_per_step() const;
};

// Rows of a buffer, at a program's first step.
struct BufferRows {
  std::size_t buffer = 0;
  Range rows;
  friend bool operator==(const BufferRows&, const BufferRows&) = default;
};

// A step's network. Its extra inputs and outputs are windows of the row buffers, in this order; it
// has no others. No nodes: there is nothing to run.
struct StepGraph {
  Graph graph;
  std::vector<BufferRows> inputs;
  std::vector<BufferRows> outputs;
};

// Steps in a row that one program runs. Ranges are those of its first step.
struct StreamProgram {
  std::int64_t first_step = 0;
  std::int64_t steps = 1;
  Range image_rows;   // to be put into the image's buffer before the step; may be empty
  Range output_rows;  // that lie in the output's buffer after it; may be empty
};

class StreamNetwork {
 public:
  const std::vector<RowBuffer>& row_buffers() const { return row_buffers_; }
  const RowBuffer& image() const { return row_buffers_[kImage]; }
  const RowBuffer& output() const { return row_buffers_[kOutput]; }
  static constexpr std::size_t kImage = 0;   // the caller writes this buffer
  static constexpr std::size_t kOutput = 1;  // and reads this one

  const std::vector<StreamProgram>& programs() const { return programs_; }
  // Made again at each call. REQUIRES: index < programs().size().
  StepGraph step_graph(std::size_t index) const;

  std::int64_t step_rows() const { return image().step_rows; }
  // Image rows taken up before the output rows that lie level with them are complete.
  std::int64_t lag_rows() const { return lag_rows_; }
  // Bytes of all row buffers, and of what is staged at the ends.
  std::int64_t row_buffer_bytes() const;
  // Copied within the row buffers in a step of a long program, on the average.
  double copied_bytes_per_step() const;

 private:
  friend class StreamMaker;
  StepGraph build_step(std::int64_t first_step, const std::vector<Range>& fresh) const;

  std::shared_ptr<const Graph> graph_;     // in row-major network
  std::vector<Range> columns_;             // of every value
  std::vector<std::size_t> buffer_of_;     // of every value; kNoBuffer
  std::vector<std::vector<Range>> fresh_;  // of every program: the rows of every value
  std::vector<std::int64_t> step_rows_;    // of every value
  std::vector<RowBuffer> row_buffers_;
  std::vector<StreamProgram> programs_;
  std::int64_t lag_rows_ = 0;
};

// The streaming network of the network for one lane, which makes all rows of the output or only
// `output_rows`. The graph's shapes are those of the whole (extended) image; its constants stay
// where they are.
// Errors: unsupported, naming the node, when the network cannot be streamed; invalid_argument, when
// the columns or rows lie outside the output or step_rows is no multiple of the grid.
Result<StreamNetwork> make_stream(const Graph& whole, Range output_columns, std::int64_t step_rows,
                                  std::optional<Range> output_rows = {});

}  // namespace sectile::internal
