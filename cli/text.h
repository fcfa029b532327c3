// Numbers and plans as people read them. Thread safety: pure functions, except print_lines.
#pragma once

#include <cstdint>
#include <string>

#include "sectile/plan.h"
#include "sectile/run.h"

namespace sectile::cli {

// "512 bytes", "20.4 MiB"
std::string bytes_text(std::int64_t bytes);

// "0:07", "12:34", "1:02:03"
std::string duration_text(double seconds);

// "1 tile", "25 tiles"
std::string count_text(std::int64_t count, const std::string& noun);

// "mode tile, tile 288x288, 25 lanes, 2 workers"; "mode stream, 2 lanes, steps of 1032x8"
std::string plan_text(const Plan& plan);

// "neighbouring tiles disagree by 0.8 % of the output's range on average, 12 % at most: seams may
// show"
std::string disagreement_text(const Disagreement& disagreement);

// Prints the text to stdout; ends it with a newline unless it does so itself.
void print_lines(const std::string& text);

}  // namespace sectile::cli
