// Images of noise, plans over them, and runs in memory.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "sectile/sectile.h"
#include "src/model/model_data.h"
#include "tests/support/network_programs.h"
#include "tests/support/size_that_runs.h"

namespace sectile::internal {

inline Model open_model(const std::string& name, const OpenOptions& options = {}) {
  auto model = Model::open(test::network_program(name).path, options);
  if (!model) throw std::runtime_error(model.error().message);  // gtest reports it
  return *model;
}

// The size, or where Sectile does not run it the next one by whole grid steps.
inline Size size_for(const Model& model, Size size) {
  const MethodData& data = model.data().methods[0];
  return test::size_that_runs(*data.method->graph, *data.footprint, size);
}

// A float image of the bands that the method takes. Different everywhere, above 0.
class NoiseImage {
 public:
  NoiseImage(const Model& model, Size size, const std::string& method = "",
             std::uint32_t seed = 0) {
    const auto info = model.method(method);
    info_.size = size;
    info_.bands = info ? static_cast<int>((*info)->input.channels) : 1;
    info_.pixel_type = PixelType::f32;
    std::mt19937 random(static_cast<std::uint32_t>(size.height * 1000 + size.width) + seed);
    std::uniform_real_distribution<float> noise(0.05F, 1.0F);
    pixels_.resize(static_cast<std::size_t>(size.area() * info_.bands));
    for (float& pixel : pixels_) pixel = noise(random);
  }
  const ImageInfo& info() const { return info_; }
  std::span<const float> pixels() const { return pixels_; }
  MemorySource source() const { return {info_, pixels_}; }

 private:
  ImageInfo info_;
  std::vector<float> pixels_;
};

inline PlanOptions tiles_of(Size tile, int threads = 1) {
  PlanOptions options;
  options.tile = tile;
  options.threads = threads;
  options.memory_bytes = std::int64_t{1} << 30;
  return options;
}

inline PlanOptions stream_of(std::int64_t step_rows, int threads) {
  PlanOptions options;
  options.step_rows = step_rows;
  options.threads = threads;
  options.memory_bytes = std::int64_t{2} << 30;
  return options;
}

inline PlanOptions whole_image() {
  PlanOptions options;
  options.mode = Mode::whole;
  options.threads = 1;
  options.memory_bytes = std::int64_t{1} << 30;
  return options;
}

// The output of one run. Fails the test, and returns nothing, when there is an error.
inline std::vector<float> run_in_memory(const Model& model, const Plan& plan, ImageSource& source) {
  MemorySink sink(plan.output_info());
  const auto report = run(model, plan, source, sink);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  EXPECT_EQ(sink.finished(), report.has_value());
  if (!report) return {};
  return {sink.pixels().begin(), sink.pixels().end()};
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return !a.empty() && a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace sectile::internal
