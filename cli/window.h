// The part of the output that a command was asked for: --window in pixels, or --bounds in the
// coordinates of the image's reference system.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "cli/parse.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/result.h"

namespace sectile::cli {

struct WindowArgument {
  std::optional<Rect> window = {};
  std::optional<Bounds> bounds = {};  // at most one of the two
};

// --window and --bounds. REQUIRES: --approximate was added before, where the command has it.
void add_window_options(CLI::App& command, WindowArgument& argument);

// The options with the pixels of the output that were asked for. Bounds are rounded outwards to
// whole pixels.
// Errors: not_found (no such method), invalid_argument (bounds for an image without a georeference,
// for a rotated one, or beyond the image; the message has the image's own).
Result<PlanOptions> with_window(PlanOptions options, const WindowArgument& argument,
                                const Model& model, const ImageInfo& image);

}  // namespace sectile::cli
