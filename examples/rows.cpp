// Runs a program over rows as they come, from a scanner or a line camera: 8-bit pixels of three
// bands, row by row, on stdin; the same on stdout. Rows come out while others still go in, however
// many. Usage: rows MODEL.pte WIDTH HEIGHT < in.rgb > out.rgb
#include <sectile/sectile.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

using sectile::ImageInfo, sectile::Range, sectile::Rect, sectile::Status;

constexpr int kBands = 3;

// Sources are asked for full rows from the top down, each row once: what a pipe can give.
struct RowsIn final : sectile::ImageSource {
  ImageInfo image;
  std::vector<unsigned char> row;
  std::int64_t next_row = 0;

  const ImageInfo& info() const override { return image; }
  Status read(const Rect& rect, std::span<float> out) override {
    if (rect.y.begin != next_row)  // a network of several passes reads the image in each
      return sectile::fail(sectile::ErrorCode::invalid_argument, "the rows of a pipe come once");
    next_row = rect.y.end;
    row.resize(static_cast<std::size_t>(image.size.width * kBands));
    for (auto y = rect.y.begin; y < rect.y.end; ++y) {
      if (std::fread(row.data(), 1, row.size(), stdin) != row.size())
        return sectile::fail(sectile::ErrorCode::io, "stdin ends before the last row");
      for (std::size_t i = 0; i < row.size(); ++i) {
        const auto band_row =
            static_cast<std::int64_t>(i % kBands) * rect.y.size() + y - rect.y.begin;
        out[static_cast<std::size_t>(band_row * image.size.width) + i / kBands] = row[i];
      }
    }
    return {};
  }
};

struct RowsOut final : sectile::ImageSink {
  ImageInfo image;

  const ImageInfo& info() const override { return image; }
  Status write(Range rows, std::span<const float> pixels) override {
    const auto plane = pixels.size() / kBands;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const float value = pixels[i % kBands * plane + i / kBands];
      std::putchar(static_cast<int>(std::lround(std::clamp(value, 0.0F, 255.0F))));
    }
    if (std::fflush(stdout) == 0) return {};
    return sectile::fail(sectile::ErrorCode::io, "cannot write rows " + to_string(rows));
  }
  Status finish() override { return {}; }
};

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: rows MODEL.pte WIDTH HEIGHT\n"), 2;
  const auto failed = [](const sectile::Error& error) {
    return std::fprintf(stderr, "%s\n", error.message.c_str()), 1;
  };
  const auto model = sectile::Model::open(argv[1]);
  if (!model) return failed(model.error());
  RowsIn source;
  source.image = {.size = {std::strtoll(argv[3], nullptr, 10), std::strtoll(argv[2], nullptr, 10)},
                  .bands = kBands};
  const auto plan = sectile::make_plan(*model, source.image, {.mode = sectile::Mode::stream});
  if (!plan) return failed(plan.error());
  std::fprintf(stderr, "%s", plan->to_string().c_str());
  RowsOut sink;
  sink.image = plan->output_info();
  const auto report = sectile::run(*model, *plan, source, sink);
  return report ? 0 : failed(report.error());
}
