// Session: one loaded program on one thread, ready to run over one tile size. PortSession: the same
// for a method of several inputs and outputs.
//
// LoadedProgram is the part that all sessions of one rewritten program share; a Session has its own
// packed weights, workspace and buffers, so that sessions on different threads never wait for each
// other.
//
// Thread safety: LoadedProgram from any thread. A session serves one thread at a time: it may be
// loaded, run and destroyed on different ones, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/base/data_type.h"
#include "src/base/virtual_file.h"

namespace sectile {

// How the values of one image lie in a buffer.
enum class Layout {
  planar,       // NCHW: channel after channel
  interleaved,  // NHWC: the channels of a pixel side by side
};

struct TensorSpec {
  std::int64_t channels = 0;
  Size size;
  Layout layout = Layout::planar;
  DataType type = DataType::f32;  // f16 and i8 too
  std::int64_t values() const { return channels * size.area(); }
  std::int64_t bytes() const { return values() * size_bytes(type); }
  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

// Runs a network over tiles of one size.
class Session {
 public:
  virtual ~Session() = default;
  virtual const TensorSpec& input() const = 0;
  virtual const TensorSpec& output() const = 0;

  // Computes `output` from `input`, both in the layouts above. Neither is copied, unless the
  // program plans memory of its own for it (as default exports do; rewritten programs do not), or
  // takes or gives f16: values are rounded to that on the way in (to the nearest, ties to even).
  // REQUIRES: the sizes are input().values() and output().values(); both start at a multiple of 64
  // bytes and 64 bytes beyond their ends may be read (TileBuffer sees to both).
  // Errors: internal (the runtime's own words), over_budget (XNNPACK takes memory at the first
  // run). The session can be used again.
  virtual Status run(std::span<const float> input, std::span<float> output) = 0;
};

// Runs a method of several inputs and outputs.
class PortSession {
 public:
  virtual ~PortSession() = default;
  virtual const std::vector<TensorSpec>& inputs() const = 0;
  virtual const std::vector<TensorSpec>& outputs() const = 0;

  // Computes the outputs from the inputs: one pointer for each, to values as the specs say. The
  // pointers may be others at every run, at no cost. An input may overlap an output: XNNPACK runs
  // the nodes one after the other in the program's order, so a node sees what those before it
  // wrote.
  // REQUIRES: each buffer holds the spec's values, and 64 bytes beyond its end may be read.
  // Errors: those of Session::run.
  virtual Status run(std::span<const std::byte* const> inputs,
                     std::span<std::byte* const> outputs) = 0;
};

// A buffer that XNNPACK may be given: aligned to 64 bytes, with 64 spare bytes behind the end.
// Zero-filled. It holds floats, as a rule.
class TileBuffer {
 public:
  TileBuffer() = default;
  // Errors: over_budget when the system has no such memory.
  static Result<TileBuffer> allocate(std::int64_t values);
  static Result<TileBuffer> allocate_bytes(std::int64_t bytes);
  std::span<float> values() { return {data_.get(), count_}; }
  std::span<const float> values() const { return {data_.get(), count_}; }
  std::byte* bytes() { return reinterpret_cast<std::byte*>(data_.get()); }

 private:
  struct Free {
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Free> data_;
  std::size_t count_ = 0;
};

// Where XNNPACK's work of a session runs.
enum class Threading {
  caller,       // on the thread that calls run(), alone
  shared_pool,  // on ExecuTorch's own thread pool (a whole-image run as ExecuTorch does it)
};

class LoadedProgram {
 public:
  virtual ~LoadedProgram() = default;
  // `input` and `output` are what the caller will pass: a program that differs in any dim, data
  // type or layout is refused (unsupported).
  // Errors: not_found (no such method), unsupported, corrupt, internal (the runtime's own words),
  // over_budget (no memory).
  virtual Result<std::unique_ptr<Session>> load(const std::string& method, const TensorSpec& input,
                                                const TensorSpec& output, Threading threading) = 0;
  // The same for a method of as many inputs and outputs as there are specs.
  virtual Result<std::unique_ptr<PortSession>> load_ports(const std::string& method,
                                                          const std::vector<TensorSpec>& inputs,
                                                          const std::vector<TensorSpec>& outputs,
                                                          Threading threading) = 0;
};

// The program in `file`, served by ExecuTorch. The file stays alive as long as the program and its
// sessions.
// Errors: corrupt, internal, over_budget.
Result<std::shared_ptr<LoadedProgram>> load_program(std::shared_ptr<const VirtualFile> file);

// Threads of ExecuTorch's own pool.
int shared_pool_threads();

}  // namespace sectile
