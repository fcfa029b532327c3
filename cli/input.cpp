#include "cli/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/messages.h"
#include "cli/options.h"
#include "cli/text.h"
#include "sectile/image_files.h"
#include "sectile/run.h"

namespace sectile::cli {

NoiseSource::NoiseSource(Size size, int bands) {
  info_.size = size;
  info_.bands = bands;
  info_.pixel_type = PixelType::f32;
  constexpr std::int64_t block_side = 256;
  info_.block = {block_side, block_side};
  const std::int64_t block_rows = std::min(block_side, size.height);
  info_.held_bytes = block_rows * size.width * bands * std::int64_t{sizeof(float)};
}

// Mixes the bits until neighbours have nothing in common: odd multiplications and xor-shifts.
float NoiseSource::value(std::uint64_t index) const {
  std::uint64_t bits = (index + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 32)) * 0xD6E8FEB86659FD93U;
  bits = (bits ^ (bits >> 32)) * 0xD6E8FEB86659FD93U;
  constexpr int mantissa_bits = 24;
  return std::ldexp(static_cast<float>(bits >> (64 - mantissa_bits)), -mantissa_bits);
}

Status NoiseSource::read(const Rect& rect, std::span<float> out) {
  auto next = out.begin();
  for (std::int64_t band = 0; band < info_.bands; ++band) {
    for (std::int64_t y = rect.y.begin; y < rect.y.end; ++y) {
      const std::int64_t row = (band * info_.size.height + y) * info_.size.width;
      for (std::int64_t x = rect.x.begin; x < rect.x.end; ++x) {
        *next++ = value(static_cast<std::uint64_t>(row + x));
      }
    }
  }
  return {};
}

namespace {

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "[open] " + std::move(message));
}

Status check_times(const char* option, std::size_t times, std::size_t files) {
  if (times <= files) return {};
  return refuse(fmt::format("{} was given {} times for {}", option, times,
                            count_text(static_cast<std::int64_t>(files), "input")));
}

ReadOptions read_options(const ReadArgument& read, std::size_t file) {
  ReadOptions options;
  if (file < read.bands.size()) options.bands = read.bands[file];
  if (file < read.pages.size()) options.page = read.pages[file];
  return options;
}

void tell_pages(const std::string& path, const ImageInfo& image) {
  if (image.pages < 2) return;
  print_note(fmt::format("{} holds {} images, of which the first is read; --page N reads another",
                         path, image.pages));
}

}  // namespace

void add_read_options(CLI::App& command, ReadArgument& argument) {
  add_repeated(command, "--bands", argument.bands, parse_bands,
               "Bands of the image that the network takes, in its order, e.g. 3,2,1 (default: all)")
      ->type_name("N[,N,...]");
  add_repeated(
      command, "--page", argument.pages, parse_page,
      "Image of a file that holds several, e.g. 2 (default: the first); all: `run` makes a\n"
      "GeoTIFF of as many")
      ->type_name("N|all");
  add_mask_options(command, argument.mask);
}

Result<OpenedInput> open_inputs(const Model& model, const std::vector<std::string>& paths,
                                const std::string& method, const ReadArgument& read, bool quiet) {
  auto status = check_times("--bands", read.bands.size(), paths.size());
  if (status) status = check_times("--page", read.pages.size(), paths.size());
  if (!status) return fail(status.error());
  if (std::ranges::count(read.pages, kAllPages) > 0) {
    return refuse("--page all is for `run` with one input and one output: name one page");
  }
  std::vector<std::unique_ptr<ImageSource>> sources;
  for (const std::string& path : paths) {
    const ReadOptions options = read_options(read, sources.size());
    auto source = open_image(path, kOwnProcess, options);
    if (!source) return fail(source.error());
    if (!quiet && options.page == 0) tell_pages(path, (*source)->info());
    sources.push_back(std::move(*source));
  }
  auto joined = join_inputs(model, method, std::move(sources));
  if (!joined) return fail(joined.error());
  auto masked = with_masks(std::move(*joined), paths, read.mask, quiet);
  if (!masked) return fail(masked.error());
  return OpenedInput{model, std::move(*masked)};
}

Result<OpenedInput> open_input(const Model& model, const ImageArgument& image,
                               const std::string& method, const ReadArgument& read) {
  if (const auto* path = std::get_if<std::string>(&image)) {
    return open_inputs(model, {*path}, method, read);
  }
  const Size size = std::get<Size>(image);
  const bool has_mask = !read.mask.file.empty() || read.mask.reproject;
  if (!read.bands.empty() || !read.pages.empty() || has_mask) {
    return refuse(
        fmt::format("--bands, --page and --mask are for files, and {} is the size of one that is "
                    "made up",
                    to_string(size)));
  }
  const auto info = model.method(method);
  if (!info) return fail(info.error());
  auto noise = std::make_unique<NoiseSource>(size, static_cast<int>((*info)->input.channels));
  return OpenedInput{model, std::move(noise)};
}

Result<PlannedInput> plan_input(const Model& model, const ImageArgument& image,
                                const PlanOptions& options, const WindowArgument& window,
                                const ReadArgument& read) {
  auto opened = open_input(model, image, options.method, read);
  if (!opened) return fail(opened.error());
  const ImageInfo& info = opened->source->info();
  const auto asked = with_window(options, window, opened->model, info);
  if (!asked) return fail(asked.error());
  auto plan = make_plan(opened->model, info, *asked);
  if (!plan) return fail(plan.error());
  return PlannedInput{opened->model, std::move(opened->source), *plan};
}

}  // namespace sectile::cli
