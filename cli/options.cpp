#include "cli/options.h"

namespace sectile::cli {

void add_model(CLI::App& command, std::string& path) {
  command.add_option("MODEL", path, "The program: a .pte file")->required()->type_name("");
}

void add_plan_options(CLI::App& command, PlanOptions& options) {
  add_parsed(command, "--memory", options.memory_bytes, parse_bytes,
             "Most memory the process may hold: 512M, 2G, or bytes (half of what is free)")
      ->type_name("SIZE");
  add_parsed(command, "--threads", options.threads, parse_count,
             "Workers, each with a tile of its own (one per processor)")
      ->type_name("N");
  add_parsed(command, "--mode", options.mode, parse_mode, "auto, whole or tile (auto)")
      ->type_name("MODE");
  add_parsed(command, "--tile", options.tile, parse_tile,
             "Tile in input pixels, fitted downwards to the image; implies --mode tile")
      ->type_name("N|WxH");
  command
      .add_option("--method", options.method, "Method of the program (the only one, or forward)")
      ->type_name("NAME");
}

void add_json(CLI::App& command, bool& json) { command.add_flag("--json", json, "Print JSON"); }

void check_plan_options(const PlanOptions& options) {
  if (options.mode == Mode::whole && options.tile) {
    throw CLI::ValidationError("--tile", "a whole-image run has no tiles; leave out --mode whole");
  }
}

}  // namespace sectile::cli
