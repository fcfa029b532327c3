// The programs of tests/networks/programs and what is known of them, from the list beside them.
//
// Thread safety: the list is made once; reading from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sectile/model.h"
#include "src/program/program.h"

namespace sectile::internal::test {

struct NetworkProgram {
  std::string name;
  std::string path;
  bool positive = false;  // all weights above zero, and no operator that hides a change
  std::int64_t step = 1;  // accepts heights and widths that are multiples of this
  bool streams = true;
  int passes = 1;       // over the image
  std::string verdict;  // "exact", "not_exact", "unsupported"
  std::string blocker;  // part of the operator's name or of the reason; empty for exact ones
};

const std::vector<NetworkProgram>& network_programs();
std::vector<NetworkProgram> exact_programs();
// Those of one pass: each of their graphs can be cut.
std::vector<NetworkProgram> local_programs();
// Fails the test when there is none of that name.
NetworkProgram network_program(const std::string& name);

// The program as data. Fails the test, and returns one without methods, when it cannot be read.
Program read_network(const NetworkProgram& network);

// Opens it with numbers that are fixed, so that every size runs; but for networks of which the
// library assumes that they are not (MethodInfo::assumptions).
Model open_fixed(const NetworkProgram& network);

}  // namespace sectile::internal::test
