#include "src/base/system.h"

#include <malloc.h>
#include <sched.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sectile::internal {

namespace {

// The number after `word`, which begins a line; 0 when there is none.
std::int64_t number_beside(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream parts(line);
    std::string name;
    std::int64_t number = 0;
    if (parts >> name >> number && name == word) return number;
  }
  return 0;
}

// "Name:   1234 kB" in a file of /proc.
std::int64_t proc_kilobytes(const char* path, const std::string& name) {
  return number_beside(path, name + ":");
}

std::optional<std::int64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;  // missing, or "max"
}

// What one group leaves, by the names of its files. Files that the system has cached for it count
// as used, but give way.
std::int64_t left_in(const std::string& folder, const char* most_name, const char* used_name) {
  const auto most = number_in(folder + "/" + most_name);
  const auto used = number_in(folder + "/" + used_name);
  if (!most || !used) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t cached = number_beside(folder + "/memory.stat", "inactive_file");
  return std::max<std::int64_t>(0, *most - std::max<std::int64_t>(0, *used - cached));
}

// A group is held to its own limit and to those of all groups around it.
std::int64_t left_in_all(const std::string& root, std::string path, const char* most_name,
                         const char* used_name) {
  std::int64_t least = left_in(root, most_name, used_name);
  while (path.size() > 1) {
    least = std::min(least, left_in(root + path, most_name, used_name));
    path.resize(path.rfind('/'));
  }
  return least;
}

}  // namespace

// Lines of /proc/PID/cgroup (cgroups(7)): "0::/path" for version 2, "4:memory:/path" for version 1.
std::int64_t control_group_free_bytes(const std::string& groups_file,
                                      const std::string& groups_folder) {
  std::ifstream file(groups_file);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(least, left_in_all(groups_folder, path, "memory.max", "memory.current"));
    } else if (controllers.find(",memory,") != std::string::npos) {
      least = std::min(least, left_in_all(groups_folder + "/memory", path, "memory.limit_in_bytes",
                                          "memory.usage_in_bytes"));
    }
  }
  return least;
}

namespace {

struct Feature {
  const char* name;
  bool there;
};

#if defined(__x86_64__)
constexpr const char* kArchitecture = "x86-64";

std::vector<Feature> features() {
  return {{"avx512f", __builtin_cpu_supports("avx512f") != 0},
          {"avx512vnni", __builtin_cpu_supports("avx512vnni") != 0},
          {"avx2", __builtin_cpu_supports("avx2") != 0},
          {"fma", __builtin_cpu_supports("fma") != 0},
          {"f16c", __builtin_cpu_supports("f16c") != 0}};
}

constexpr std::array kHalfArithmetic{"f16c", "fma", "avx2"};
#elif defined(__aarch64__)
constexpr const char* kArchitecture = "aarch64";

// HWCAP_ASIMDHP, HWCAP_ASIMDDP, HWCAP2_I8MM, HWCAP_SVE.
std::vector<Feature> features() {
  const unsigned long first = getauxval(AT_HWCAP);
  const unsigned long second = getauxval(AT_HWCAP2);
  return {{"fp16", (first >> 10 & 1) != 0},
          {"dotprod", (first >> 20 & 1) != 0},
          {"i8mm", (second >> 13 & 1) != 0},
          {"sve", (first >> 22 & 1) != 0}};
}

constexpr std::array kHalfArithmetic{"fp16"};
#else
constexpr const char* kArchitecture = "unknown";
std::vector<Feature> features() { return {}; }
constexpr std::array kHalfArithmetic{"unknown"};
#endif

}  // namespace

std::string processor_features() {
  std::string text = std::string(kArchitecture) + ":";
  for (const Feature& feature : features()) {
    if (feature.there) text += std::string(" ") + feature.name;
  }
  return text;
}

bool has_half_arithmetic() {
  const std::vector<Feature> all = features();
  return std::ranges::all_of(kHalfArithmetic, [&](std::string_view name) {
    const auto found = std::ranges::find(all, name, &Feature::name);
    return found != all.end() && found->there;
  });
}

int processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// Asked once: in a virtual machine the answer takes long.
std::int64_t core_cache_bytes() {
  constexpr std::int64_t kUnknownBytes = std::int64_t{1} << 20;
  static const std::int64_t said_bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return said_bytes > 0 ? said_bytes : kUnknownBytes;
}

std::int64_t free_memory_bytes() {
  const std::int64_t machine = proc_kilobytes("/proc/meminfo", "MemAvailable") * 1024;
  return std::min(machine, control_group_free_bytes("/proc/self/cgroup", "/sys/fs/cgroup"));
}

std::int64_t peak_rss_bytes() { return proc_kilobytes("/proc/self/status", "VmHWM") * 1024; }

std::int64_t current_rss_bytes() { return proc_kilobytes("/proc/self/status", "VmRSS") * 1024; }

void release_unused_heap() { malloc_trim(0); }

}  // namespace sectile::internal
