// Kernels of ExecuTorch that stay outside XNNPACK and keep a method from being one network: what
// each of them stands for.
//
// Thread safety: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "sectile/footprint.h"
#include "src/program/method_values.h"

namespace sectile::internal {

// Whether each of its values depends on the whole image. `arguments` may be null.
bool mixes_whole_image(const MethodValues& values, std::string_view kernel,
                       const ValueIndices* arguments);

// Whether it is a pool that Sectile runs over windows, and that pools the whole image here.
bool pools_whole_image(const MethodValues& values, std::string_view kernel,
                       const ValueIndices* arguments);

BlockerReason reason_for_kernel(std::string_view kernel, bool mixes_whole_image);

// One line for what is there many times, with the number; what mixes the whole image first: the
// reason that no other export removes.
std::vector<Blocker> merged(std::vector<Blocker> blockers);

}  // namespace sectile::internal
