// HostOptions: what a call may change of the whole process it runs in.
//
// Without them Sectile changes nothing that outlives its calls but what sectile.h lists. A limit on
// memory holds to the megabyte only with them: the tool sets all.
//
// Thread safety: plain data.
#pragma once

namespace [[gnu::visibility("default")]] sectile {

struct HostOptions {
  // Of an open image: GDAL's block cache, which is one for the process and by default takes a
  // twentieth of the machine's memory, holds a row of blocks of each image opened so. When the last
  // of them closes, its former limit comes back. A GDAL_CACHEMAX of the host's is left alone.
  bool limit_gdal_cache = false;
  // Of a plan and its runs: what was freed goes back to the system at once (malloc_trim).
  bool trim_heap = false;
};

}  // namespace sectile
