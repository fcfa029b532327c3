// XnnpackOptions: how each of our methods asks XNNPACK's delegate to be loaded.
//
// By default all XNNPACK work of a process shares one workspace and one weight cache, and both
// locks are held while a method executes: two workers would take turns. These options end that: a
// workspace per method allocator, no weight cache.
#pragma once

#include <executorch/runtime/backend/backend_options_map.h>
#include <executorch/runtime/backend/options.h>

#include "sectile/result.h"

namespace sectile::internal {

// The map points into the object, so it stays where it is made. It must outlive the methods loaded
// with it.
class XnnpackOptions {
 public:
  XnnpackOptions() = default;
  XnnpackOptions(const XnnpackOptions&) = delete;
  XnnpackOptions& operator=(const XnnpackOptions&) = delete;

  // To be called once. Errors: internal.
  Status prepare();
  const executorch::runtime::LoadBackendOptionsMap* map() const { return &map_; }

 private:
  executorch::runtime::BackendOptions<2> options_;
  executorch::runtime::LoadBackendOptionsMap map_;
};

}  // namespace sectile::internal
