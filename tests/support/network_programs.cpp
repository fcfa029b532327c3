#include "tests/support/network_programs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "src/program/read_program.h"

namespace sectile::internal::test {

namespace {

const std::string kFolder = SECTILE_SOURCE_DIR "/tests/networks/programs/";

std::vector<NetworkProgram> read_index() {
  std::ifstream file(kFolder + "index.json");
  EXPECT_TRUE(file) << kFolder << "index.json";
  const auto entries = nlohmann::json::parse(file, nullptr, false);
  std::vector<NetworkProgram> networks;
  for (const auto& entry : entries) {
    networks.push_back({entry.at("name"), kFolder + entry.at("file").get<std::string>(),
                        entry.at("positive"), entry.at("step"), entry.at("streams"),
                        entry.at("passes"), entry.at("verdict"), entry.at("blocker")});
  }
  EXPECT_FALSE(networks.empty());
  return networks;
}

}  // namespace

const std::vector<NetworkProgram>& network_programs() {
  static const std::vector<NetworkProgram> networks = read_index();
  return networks;
}

std::vector<NetworkProgram> local_programs() {
  std::vector<NetworkProgram> programs = exact_programs();
  std::erase_if(programs, [](const NetworkProgram& network) { return network.passes > 1; });
  return programs;
}

std::vector<NetworkProgram> exact_programs() {
  std::vector<NetworkProgram> exact;
  std::ranges::copy_if(network_programs(), std::back_inserter(exact),
                       [](const NetworkProgram& network) { return network.verdict == "exact"; });
  return exact;
}

NetworkProgram network_program(const std::string& name) {
  const auto found = std::ranges::find(network_programs(), name, &NetworkProgram::name);
  EXPECT_NE(found, network_programs().end()) << name;
  return found == network_programs().end() ? NetworkProgram{} : *found;
}

Program read_network(const NetworkProgram& network) {
  auto file = ProgramBytes::read(network.path);
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  if (!file) return {};
  auto program = read_program(*file);
  EXPECT_TRUE(program) << (program ? "" : program.error().message);
  return program ? std::move(*program) : Program{};
}

Model open_fixed(const NetworkProgram& network) {
  const auto as_read = Model::open(network.path);
  const auto assumes = [](const MethodInfo& method) { return !method.assumptions.empty(); };
  if (as_read && std::ranges::any_of(as_read->methods(), assumes)) return *as_read;
  const auto fixed = Model::open(network.path, {.fixed_sizes = true});
  EXPECT_TRUE(fixed) << fixed.error().message;
  return *fixed;
}

}  // namespace sectile::internal::test
