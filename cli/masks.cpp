#include "cli/masks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/messages.h"
#include "sectile/image_files.h"
#include "sectile/mask.h"

namespace sectile::cli {

namespace {

using MaskPointer = std::shared_ptr<const Mask>;

Result<bool> parse_keep(const std::string& text) {
  if (text == "keep" || text == "ignore") return text == "keep";
  return fail(ErrorCode::invalid_argument, fmt::format("'{}' is neither keep nor ignore", text));
}

bool is_pipe(const std::string& path) { return path.find("/vsistdin") != std::string::npos; }

// What the files themselves say; null: all pixels are data.
Result<MaskPointer> own_mask(ImageSource& source, const std::vector<std::string>& paths) {
  if (std::ranges::none_of(paths, is_pipe)) return read_mask(source);
  if (source.info().mask_kind == MaskKind::none) return nullptr;
  return fail(ErrorCode::invalid_argument,
              "[mask] the input says which pixels are data, and must be read twice for that, which "
              "a pipe cannot: give a file, or --nodata ignore");
}

}  // namespace

void add_mask_options(CLI::App& command, MaskArgument& argument) {
  add_parsed(command, "--nodata", argument.keep_nodata, parse_keep,
             "Pixels that the input marks as no data: keep marks them in the output too,\n"
             "ignore takes them as they are (default: keep)")
      ->type_name("keep|ignore");
  command
      .add_option(
          "--mask", argument.file,
          "Region of interest: an image of the input's size, not 0 there, or polygons in any\n"
          "format of shapes; the rest counts as no data")
      ->type_name("FILE");
  command.add_flag("--mask-reproject", argument.reproject,
                   "Bring --mask to the input's reference system and pixels");
}

Result<std::unique_ptr<ImageSource>> with_masks(std::unique_ptr<ImageSource> source,
                                                const std::vector<std::string>& paths,
                                                const MaskArgument& argument, bool quiet) {
  MaskPointer mask;
  if (argument.keep_nodata) {
    auto own = own_mask(*source, paths);
    if (!own) return fail(own.error());
    mask = std::move(*own);
  }
  if (argument.file.empty() && argument.reproject) {
    return fail(ErrorCode::invalid_argument, "[mask] --mask-reproject is for --mask FILE");
  }
  if (!argument.file.empty()) {
    auto region = read_mask_file(argument.file, source->info(), argument.reproject);
    if (!region) return fail(region.error());
    mask = mask ? std::make_shared<const Mask>(both(*mask, **region)) : std::move(*region);
  }
  if (!mask) return source;
  if (mask->data_pixels() == 0 && !quiet) {
    print_warning(
        fmt::format("no pixel of {} is data: all of the output is no data", paths.front()));
  }
  return with_mask(std::move(source), std::move(mask));
}

}  // namespace sectile::cli
