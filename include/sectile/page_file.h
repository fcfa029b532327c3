// PageFile: several images (pages) in one GeoTIFF, which appears when all of them are there.
//
// Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "sectile/image_files.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

class PageFile {
 public:
  // For so many pages, at least 1. Errors: those of create_image; invalid_argument (another format
  // than GTiff).
  static Result<PageFile> create(const std::string& path, int pages, const CreateOptions& options);

  PageFile(PageFile&&) noexcept;
  PageFile& operator=(PageFile&&) noexcept;
  ~PageFile();  // without finish(): nothing appears

  // The file in which the next page is to be made, as a GeoTIFF (create_image).
  std::string next_page() const;
  // Takes that file in, and removes it. Errors: io.
  Status add_page();
  // Call once, after the last page. Errors: io; invalid_argument (pages are missing).
  Status finish();

 private:
  struct State;
  explicit PageFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sectile
