#include "src/runtime/xnnpack_options.h"

#include <executorch/runtime/backend/interface.h>
#include <fmt/format.h>

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;

// The delegate's own header is not shipped: its name and these two keys are repeated here.
// ExecuTorch says nothing to a name or a key that it does not know, so prepare() checks the name
// and tests/runtime/overlap_test.cpp the effect.
constexpr char kBackend[] = "XnnpackBackend";
constexpr char kSharingKey[] = "workspace_sharing_mode";
constexpr char kWeightCacheKey[] = "weight_cache_enabled";
constexpr int kWorkspacePerMethodAllocator = 1;

}  // namespace

Status XnnpackOptions::prepare() {
  if (et::get_backend_class(kBackend) == nullptr) {
    return fail(
        ErrorCode::internal,
        fmt::format("[load] ExecuTorch has no backend named {}; is its library linked?", kBackend));
  }
  if (options_.set_option(kSharingKey, kWorkspacePerMethodAllocator) != et::Error::Ok ||
      options_.set_option(kWeightCacheKey, false) != et::Error::Ok ||
      map_.set_options(kBackend, options_.view()) != et::Error::Ok) {
    return fail(ErrorCode::internal, fmt::format("[load] {} takes no options", kBackend));
  }
  return {};
}

}  // namespace sectile::internal
