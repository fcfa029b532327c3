// Files beside an output that have to do with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sectile/image_files.h"
#include "src/image/gdal/format.h"
#include "src/image/gdal/probe.h"
#include "src/image/pending_output.h"

namespace sectile::internal {

// The files that publishing the output replaces or that GDAL would read with it although they were
// made for another image: world files, .aux.xml, .ovr, .msk and the like.
// Errors: invalid_argument (there are such files, and overwriting was not asked for; one of them,
// or the output, is among `options.keep`; a file of the output would have too long a name), io.
Result<std::vector<std::filesystem::path>> find_stale_files(const PendingOutput& output,
                                                            const Probe& probe,
                                                            const ImageInfo& info,
                                                            const CreateOptions& options);

}  // namespace sectile::internal
