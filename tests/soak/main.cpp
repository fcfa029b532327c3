// The networks of some seeds, one after the other, in this process.
// Usage: soak_networks FIRST COUNT
//
// Prints a line of JSON when it begins a network and another when it is done with it, so that
// whoever reads them knows which network a crash belongs to (tests/soak/soak.py).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/network_check.h"

namespace {

void print(const nlohmann::json& line) { std::cout << line.dump() << std::endl; }

nlohmann::json to_json(const sectile::internal::test::NetworkCheck& check) {
  return {{"seed", check.seed},         {"outcome", to_string(check.outcome)},
          {"whole", check.whole},       {"tiled", check.tiled},
          {"streamed", check.streamed}, {"refusals", check.refusals},
          {"problem", check.problem}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: soak_networks FIRST COUNT\n", stderr);
    return 2;
  }
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    print({{"begin", seed}});
    print(to_json(sectile::internal::test::check_network(
        seed, [](const std::string& plan) { std::cerr << plan << std::endl; })));
  }
  return 0;
}
