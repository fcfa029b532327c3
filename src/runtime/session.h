// Session: one loaded program on one thread, ready to run over one tile size. MultiIoSession: the
// same for a method of several inputs and outputs.
//
// LoadedProgram is the part that all sessions of one rewritten program share; a Session has its own
// packed weights, workspace and buffers, so that sessions on different threads never wait for each
// other.
//
// Thread safety: a session serves one thread at a time. It may be loaded, run and destroyed on
// different ones, one after the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sectile/result.h"
#include "src/base/own_kernels.h"
#include "src/base/tensor_spec.h"

namespace sectile::internal {

// Runs a network over tiles of one size.
class Session {
 public:
  virtual ~Session() = default;
  virtual const TensorSpec& input() const = 0;
  virtual const TensorSpec& output() const = 0;

  // Where in the image the input of the next runs lies, for kernels that ask for it.
  virtual void stand_at(Position /*position*/) {}

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
class MultiIoSession {
 public:
  virtual ~MultiIoSession() = default;
  virtual const std::vector<TensorSpec>& inputs() const = 0;
  virtual const std::vector<TensorSpec>& outputs() const = 0;

  // As Session::stand_at.
  virtual void stand_at(Position /*position*/) {}

  // Computes the outputs from the inputs: one pointer for each, to values as the specs say. The
  // pointers may be others at every run, at no cost. An input may overlap an output: XNNPACK runs
  // the nodes one after the other in the program's order, so a node sees what those before it
  // wrote.
  // REQUIRES: each buffer holds the spec's values, and 64 bytes beyond its end may be read.
  // Errors: those of Session::run.
  virtual Status run(std::span<const std::byte* const> inputs,
                     std::span<std::byte* const> outputs) = 0;
};

}  // namespace sectile::internal
