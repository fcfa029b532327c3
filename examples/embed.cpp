// Runs a program over an image that is nowhere: its pixels are made when they are asked for, and
// the result is summed up as it arrives. Usage: embed MODEL.pte
#include <sectile/sectile.h>

#include <cstdio>

using sectile::ImageInfo, sectile::Range, sectile::Rect, sectile::Status;

// A gradient, from black at the top left to white at the bottom right.
struct Gradient final : sectile::ImageSource {
  ImageInfo image{.size = {1080, 1920}, .bands = 3, .pixel_type = sectile::PixelType::f32};

  const ImageInfo& info() const override { return image; }
  Status read(const Rect& rect, std::span<float> out) override {
    const auto longest = static_cast<float>(image.size.height + image.size.width);
    auto next = out.begin();
    for (int band = 0; band < image.bands; ++band)
      for (auto y = rect.y.begin; y < rect.y.end; ++y)
        for (auto x = rect.x.begin; x < rect.x.end; ++x)
          *next++ = static_cast<float>(y + x) / longest;
    return {};
  }
};

// Keeps the mean of all values, and no image.
struct Mean final : sectile::ImageSink {
  explicit Mean(ImageInfo info) : image(std::move(info)) {}
  ImageInfo image;
  double sum = 0;

  double value() const { return sum / static_cast<double>(image.size.area() * image.bands); }
  const ImageInfo& info() const override { return image; }
  Status write(Range, std::span<const float> pixels) override {
    for (const float pixel : pixels) sum += pixel;
    return {};
  }
  Status finish() override { return {}; }
};

int failed(const sectile::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

int main(int argc, char** argv) {
  const auto model = sectile::Model::open(argc > 1 ? argv[1] : "models/denoise.pte");
  if (!model) return failed(model.error());
  Gradient source;
  const auto plan = sectile::make_plan(*model, source.info(), {.memory_bytes = 256 << 20});
  if (!plan) return failed(plan.error());
  std::puts(plan->to_string().c_str());
  Mean sink(plan->output_info());
  const auto report = sectile::run(*model, *plan, source, sink);
  if (!report) return failed(report.error());
  std::printf("mean %.3f after %.2f seconds\n", sink.value(), report->total_seconds);
}
