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

const char* to_string(KeepMode mode) {
  switch (mode) {
    case KeepMode::automatic:
      return "auto";
    case KeepMode::none:
      return "none";
    case KeepMode::memory:
      return "memory";
    case KeepMode::file:
      return "file";
  }
  return "auto";
}

const char* to_string(OutputKind kind) {
  switch (kind) {
    case OutputKind::values:
      return "values";
    case OutputKind::argmax:
      return "argmax";
    case OutputKind::softmax:
      return "softmax";
    case OutputKind::sigmoid:
      return "sigmoid";
  }
  return "values";
}

}  // namespace sectile
