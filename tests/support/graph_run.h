// GraphRun: a graph at one image size, run by ExecuTorch.
//
// Thread safety: a GraphRun belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/program/program.h"
#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/session.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal::test {

// The values of one image in the order that a session takes them.
struct Tensor {
  TensorSpec spec;
  std::vector<float> values;

  static Tensor zeros(const TensorSpec& spec);
  // Uniform in [low, high).
  static Tensor random(const TensorSpec& spec, std::uint64_t seed, float low, float high);

  float& at(std::int64_t channel, std::int64_t y, std::int64_t x);
  const float& at(std::int64_t channel, std::int64_t y, std::int64_t x) const;
  // REQUIRES: `part` lies inside.
  Tensor cut(Rect part) const;
  bool finite() const;
};

// Some channel's bits differ at that pixel. REQUIRES: equal channels.
bool pixel_differs(const Tensor& a, std::int64_t a_y, std::int64_t a_x, const Tensor& b,
                   std::int64_t b_y, std::int64_t b_x);
// How many pixels of `rect` differ between two images; `b` lies in the plane of `a` with its top
// left pixel at (`b_y`, `b_x`). REQUIRES: `rect` lies inside both; equal channels.
std::int64_t count_differing(const Tensor& a, Rect rect, const Tensor& b, std::int64_t b_y,
                             std::int64_t b_x);

// What a graph needs beside itself to become a program.
struct GraphProgram {
  ProgramMethod method;  // with its graph, at the size it was exported
  std::shared_ptr<const ProgramBytes> weights;
  const Graph& graph() const { return *method.graph; }
};

class GraphRun {
 public:
  // Errors: those of resize, write_program, load_program and LoadedProgram::load.
  static Result<GraphRun> load(const GraphProgram& program, Size image) {
    return load_tile(program, image, image);
  }
  // For tiles of an image of that size.
  static Result<GraphRun> load_tile(const GraphProgram& program, Size tile, Size image);

  const TensorSpec& input() const { return session_->input(); }
  const TensorSpec& output() const { return session_->output(); }
  // Errors: those of Session::run. REQUIRES: values.spec == input().
  Result<Tensor> run(const Tensor& values, Position at = {});

 private:
  std::shared_ptr<LoadedProgram> program_;
  std::unique_ptr<Session> session_;
  TileBuffer input_;
  TileBuffer output_;
};

}  // namespace sectile::internal::test
