#include "src/runtime/virtual_file_loader.h"

#include <executorch/runtime/platform/log.h>

#include <cstring>

namespace sectile::internal {

namespace et = executorch::runtime;

et::Result<et::FreeableBuffer> VirtualFileLoader::load(std::size_t offset_bytes,
                                                       std::size_t size_bytes,
                                                       const SegmentInfo&) const {
  // An empty segment has an offset, but there need not be a piece at it.
  if (size_bytes == 0) return et::FreeableBuffer();
  const auto bytes = file_.view(offset_bytes, size_bytes);
  if (!bytes) {
    ET_LOG(Error, "%s", bytes.error().message.c_str());
    return et::Error::InvalidProgram;
  }
  return et::FreeableBuffer(bytes->data(), bytes->size(), /*free_fn=*/nullptr);
}

et::Error VirtualFileLoader::load_into(std::size_t offset_bytes, std::size_t size_bytes,
                                       const SegmentInfo& segment, void* buffer) const {
  const auto bytes = load(offset_bytes, size_bytes, segment);
  if (!bytes.ok()) return bytes.error();
  if (size_bytes > 0) std::memcpy(buffer, bytes->data(), size_bytes);
  return et::Error::Ok;
}

}  // namespace sectile::internal
