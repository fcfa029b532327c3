// Names and colours of classes, as a JSON file has them:
// [{"name": "water", "color": "#0000ff"}, ...], class 0 first.
#pragma once

#include <string>
#include <vector>

#include "cli/file_value.h"
#include "sectile/metadata.h"
#include "sectile/result.h"

namespace sectile::cli {

// Errors: those of FileValue; the message names the key.
Result<std::vector<ClassInfo>> read_classes(const std::string& file);

// The same of a list inside a file.
Result<std::vector<ClassInfo>> classes_of(const FileValue& list);

// "#0000ff"
std::string color_text(const ClassInfo& one);

}  // namespace sectile::cli
