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

}  // namespace sectile
