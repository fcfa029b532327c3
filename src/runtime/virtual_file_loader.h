// VirtualFileLoader: serves a VirtualFile to ExecuTorch without copying a byte.
//
// Thread safety: all members from any thread. The file must outlive the loader and every buffer it
// gave out.
#pragma once

#include <executorch/runtime/core/data_loader.h>

#include <cstddef>
#include <cstdint>

#include "sectile/result.h"
#include "src/base/virtual_file.h"

namespace sectile::internal {

class VirtualFileLoader final : public executorch::runtime::DataLoader {
 public:
  explicit VirtualFileLoader(const VirtualFile& file) : file_(file) {}

  // A buffer that points into the piece where the range lies. Errors: InvalidProgram (the range
  // lies in no single piece).
  executorch::runtime::Result<executorch::runtime::FreeableBuffer> load(
      std::size_t offset_bytes, std::size_t size_bytes, const SegmentInfo& segment) const override;

  executorch::runtime::Error load_into(std::size_t offset_bytes, std::size_t size_bytes,
                                       const SegmentInfo& segment, void* buffer) const override;

  executorch::runtime::Result<std::size_t> size() const override { return file_.size_bytes(); }

 private:
  const VirtualFile& file_;
};

}  // namespace sectile::internal
