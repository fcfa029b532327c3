#include "cli/options.h"

namespace sectile::cli {

namespace {

// What the tool holds with its libraries and GDAL's formats, give or take: said the same each time,
// so that plans are the same too. Measured.
constexpr std::int64_t kToolBytes = std::int64_t{49} << 20;

}  // namespace

void add_model(CLI::App& command, ModelArgument& model) {
  command.add_option("MODEL", model.path, "The program: a .pte file")->required()->type_name("");
  command.add_flag("--fixed-sizes", model.options.fixed_sizes,
                   "Windows, slices and padding that may stand for or fit the exported size\n"
                   "alone are fixed, and rows that pools may leave out are left out");
}

void add_plan_options(CLI::App& command, PlanOptions& options) {
  options.process_bytes = kToolBytes;
  options.host = kOwnProcess;
  add_parsed(command, "--memory", options.memory_bytes, parse_bytes,
             "Peak memory limit, e.g. 512M (default: half of the free memory)")
      ->type_name("SIZE");
  add_parsed(command, "--threads", options.threads, parse_count,
             "Worker threads, e.g. 4 (default: one per processor)")
      ->type_name("N");
  add_parsed(command, "--mode", options.mode, parse_mode, "How the image is cut (default: auto)")
      ->type_name("auto|whole|tile|stream");
  add_parsed(command, "--tile", options.tile, parse_tile,
             "Largest tile in input pixels, e.g. 512 or 512x256; implies --mode tile")
      ->type_name("N|WxH");
  add_parsed(
      command, "--step", options.step_rows, parse_rows,
      "Input rows of a step, e.g. 16: a multiple of the network's grid; implies --mode stream")
      ->type_name("N");
  command
      .add_option("--method", options.method,
                  "Method of the program (default: the only one, or forward)")
      ->type_name("NAME");
  add_parsed(command, "--keep", options.keep, parse_keep_mode,
             "What one pass makes and later ones need: none (compute it again), memory, file or\n"
             "auto (the fastest that fits) (default: auto)")
      ->type_name("auto|none|memory|file");
  command
      .add_option("--temp-dir", options.temp_folder,
                  "Folder of what is kept in a file (default: $TMPDIR, else /tmp)")
      ->type_name("DIR");
  add_parsed(command, "--temp-limit", options.temp_limit_bytes, parse_bytes,
             "Bytes in it at a time, e.g. 20G (default: half of what is free there)")
      ->type_name("SIZE");
}

void add_statistics_option(CLI::App& command, PlanOptions& options) {
  add_parsed(command, "--statistics", options.statistics, parse_statistics,
             "exact (as ExecuTorch adds them up over the whole image: the same bits) or accurate\n"
             "(in double precision: for images of more than 16 megapixels) (default: exact)")
      ->type_name("exact|accurate");
}

void add_approximate_options(CLI::App& command, PlanOptions& options) {
  auto* approximate = command.add_flag_callback(
      "--approximate", [&options] { options.mode = Mode::approximate; },
      "For networks that cannot be cut: overlapping tiles of the exported size, blended");
  for (const char* other : {"--mode", "--tile", "--step"}) {
    approximate->excludes(command.get_option(other));
  }
  add_parsed(command, "--overlap", options.overlap_px, parse_overlap,
             "Pixels that neighbouring tiles share at least (default: a quarter of a tile)")
      ->type_name("N")
      ->needs(approximate);
}

void refuse_approximate(CLI::App& command, const std::string& why) {
  const auto refuse = [why] { throw CLI::ValidationError("--approximate", why); };
  command.add_flag_callback("--approximate", refuse)->group("");  // not in --help
}

void add_json(CLI::App& command, bool& json) { command.add_flag("--json", json, "Print JSON"); }

void usage_error_of(const Status& status) {
  if (!status) throw CLI::ValidationError(status.error().message);
}

void check_plan_options(const PlanOptions& options) {
  if (options.mode == Mode::whole && options.tile) {
    throw CLI::ValidationError("--tile", "a whole-image run has no tiles; leave out --mode whole");
  }
  if (options.mode == Mode::stream && options.tile) {
    throw CLI::ValidationError("--tile",
                               "a stream has no tiles; --step sets the rows of its steps");
  }
  if (options.step_rows &&
      (options.tile || options.mode == Mode::whole || options.mode == Mode::tile)) {
    throw CLI::ValidationError("--step", "only a stream has steps; leave out --tile and --mode");
  }
}

}  // namespace sectile::cli
