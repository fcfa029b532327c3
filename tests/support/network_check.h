// Runs a random network through the library's front door: written as a file, opened, planned, and
// every plan compared with one whole-image run, bit by bit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sectile::internal::test {

enum class Outcome {
  exact,    // no value of any plan differs
  refused,  // with a reason, by a network that has a layer to be refused
  differs,  // a value does
  fails,    // an error that is no refusal, or a refusal without a cause
};
const char* to_string(Outcome outcome);

struct NetworkCheck {
  std::uint64_t seed = 0;
  Outcome outcome = Outcome::exact;
  // Plans that were carried out, by their mode.
  std::int64_t whole = 0;
  std::int64_t tiled = 0;
  std::int64_t streamed = 0;
  // Why something was refused (the network, its streaming, an image's size), numbers left out.
  std::vector<std::string> refusals;
  std::string problem;  // what differs or fails, and the network
};

// The network of a seed, over images of several sizes, in several plans each. `on_plan` is told
// each image and plan before it is run, so that a crash has a name.
NetworkCheck check_network(std::uint64_t seed,
                           const std::function<void(const std::string&)>& on_plan = {});
// The same in f16, of networks that are not refused.
NetworkCheck check_network_in_halves(std::uint64_t seed);

// A reason without its numbers, shapes and places, so that like ones are equal.
std::string general_reason(const std::string& message);

}  // namespace sectile::internal::test
