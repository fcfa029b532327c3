#include "src/base/system.h"

#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace sectile {

namespace {

// "Name:   1234 kB" in a file of /proc.
std::int64_t proc_kilobytes(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name + ":"))
      return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

std::optional<std::int64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;  // missing, or "max"
}

std::optional<std::int64_t> control_group_free_bytes() {
  const auto most = number_in("/sys/fs/cgroup/memory.max");
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  if (!most || !used) return std::nullopt;
  return std::max<std::int64_t>(0, *most - *used);
}

}  // namespace

int processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::int64_t free_memory_bytes() {
  const std::int64_t machine = proc_kilobytes("/proc/meminfo", "MemAvailable") * 1024;
  return std::min(machine, control_group_free_bytes().value_or(machine));
}

std::int64_t peak_rss_bytes() { return proc_kilobytes("/proc/self/status", "VmHWM") * 1024; }

std::int64_t current_rss_bytes() { return proc_kilobytes("/proc/self/status", "VmRSS") * 1024; }

void reset_peak_rss() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace sectile
