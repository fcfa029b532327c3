// build_program: a program with several methods, each at a size of its own.
#pragma once

#include <span>
#include <string>

#include "sectile/geometry.h"
#include "sectile/model.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

// One method of a program to be written: `source` is a method of the model, at another size and
// under another name.
struct BuildMethod {
  std::string name;
  Size size;
  std::string source;  // empty: the model's default method
};

// Writes a program with those methods, which any plain ExecuTorch runtime loads; the weights are
// stored once.
// Errors: invalid_argument (no methods, a name twice, a size the network does not accept, output
// exists, output is the model), unsupported, not_exact, io.
Status build_program(const Model& model, const std::string& path,
                     std::span<const BuildMethod> methods, bool overwrite = false);

}  // namespace sectile
