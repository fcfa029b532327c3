#include "cli/process_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace sectile::cli {

namespace {

// "VmRSS:   1234 kB" in /proc/self/status (proc(5)).
std::int64_t resident_bytes() {
  constexpr std::int64_t kKilobyte = 1024;
  std::ifstream file("/proc/self/status");
  std::string word;
  std::int64_t kilobytes = 0;
  while (file >> word) {
    if (word == "VmRSS:" && file >> kilobytes) return kilobytes * kKilobyte;
  }
  return 0;
}

}  // namespace

std::int64_t restart_peak_bytes() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return resident_bytes();
}

}  // namespace sectile::cli
