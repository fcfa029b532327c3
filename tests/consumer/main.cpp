// What an application does with an installed Sectile: plan and run a model over pixels that it
// holds in memory.
#include <sectile/sectile.h>

#include <cstdio>
#include <vector>

namespace {

int stop(const sectile::Error& error) {
  std::fprintf(stderr, "%s: %s\n", sectile::to_string(error.code), error.message.c_str());
  return 1;
}

std::vector<float> ramp(const sectile::ImageInfo& info) {
  std::vector<float> pixels(static_cast<std::size_t>(info.size.area() * info.bands));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 251) / 251;
  return pixels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: consumer MODEL\n"), 2;
  const auto model = sectile::Model::open(argv[1]);
  if (!model) return stop(model.error());
  const auto method = model->method();
  if (!method) return stop(method.error());

  sectile::ImageInfo info;
  info.size = {.height = 150, .width = 200};
  info.bands = static_cast<int>((*method)->input.channels);
  info.pixel_type = sectile::PixelType::f32;
  const auto plan = sectile::make_plan(*model, info, {.threads = 1});
  if (!plan) return stop(plan.error());

  const std::vector<float> pixels = ramp(info);
  sectile::MemorySource source(info, pixels);
  sectile::MemorySink sink(plan->output_info());
  const auto report = sectile::run(*model, *plan, source, sink);
  if (!report) return stop(report.error());
  const auto size = sink.info().size;
  std::printf("%lld x %lld, finished: %d\n", static_cast<long long>(size.height),
              static_cast<long long>(size.width), sink.finished());
}
