// A run without a network: plans, images and a function that stands for the network.
//
// The function mixes each pixel with the one above it and the one to its right, so that a tile that
// lies, is cut or is cropped wrongly shows. What hangs over a tile's edge counts as 0, as a
// network's padding does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sectile/image.h"
#include "sectile/run.h"
#include "src/plan/plan_data.h"
#include "src/run/pipeline.h"
#include "tests/runtime/fake_session.h"

namespace sectile::internal {

struct FakeImage {
  Size size{37, 29};
  Size extended{37, 29};  // what the function is run on: at least `size`
  int bands = 2;
  std::int64_t scale = 1;  // output rows per input row
  Layout layout = Layout::planar;
};

// Tiles of at most `tile` with a reach of one pixel; `workers` workers.
PlanData fake_plan(const FakeImage& image, Size tile, int workers);

// Different values everywhere, planar.
std::vector<float> fake_pixels(const FakeImage& image);

// The network. `scale` repeats each output pixel so often in both directions.
FakeFunction fake_network(std::int64_t scale = 1);

// What the whole image gives, planar.
std::vector<float> fake_result(const FakeImage& image);

// One run over memory, with everything that a test may replace.
struct FakeRunner {
  FakeImage image;
  Size tile{12, 10};
  int workers = 2;
  FakeFunction network = fake_network();
  FakeProgram::LoadFunction on_load;
  RunOptions options;
  // Put between the images and the run; may be empty.
  std::function<std::unique_ptr<ImageSource>(ImageSource&)> wrap_source;
  std::function<std::unique_ptr<ImageSink>(ImageSink&)> wrap_sink;

  // After run():
  std::vector<float> pixels;  // of the output
  bool finished = false;
  int runs = 0;
  int live_sessions = 0;

  Result<RunReport> run();
};

}  // namespace sectile::internal
