#include "sectile/options.h"

namespace sectile {

const char* to_string(Mode mode) {
  switch (mode) {
    case Mode::automatic:
      return "auto";
    case Mode::whole:
      return "whole";
    case Mode::tile:
      return "tile";
    case Mode::stream:
      return "stream";
    case Mode::approximate:
      return "approximate";
  }
  return "auto";
}

const char* to_string(StatisticsMode mode) {
  return mode == StatisticsMode::accurate ? "accurate" : "exact";
}

}  // namespace sectile
