#include "tests/support/operators_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "sectile/model.h"
#include "src/graph/operator.h"
#include "src/program/read_program.h"
#include "tests/support/network_programs.h"

namespace sectile::internal::test {

namespace {

constexpr const char* kHead = R"(# Operators

What Sectile runs, what it refuses, and why. `make docs` makes this page from the code; a test
fails when it is out of date.

A network runs when every operator in it does. *Tiles* and *stream*: the operator is cut with equal
bits in that mode. *f16* and *i8*: it runs on those types beside f32; "tiles" where XNNPACK computes
it, and what comes after it, in f32, so that such a network does not stream.

## XNNPACK's operators

Every operator that ExecuTorch's XNNPACK format has.

| operator | tiles | stream | f16 | i8 | what is supported, and what is not |
|---|---|---|---|---|---|
)";

constexpr const char* kKernelsHead = R"(
## Kernels between delegates

Parts of a network that the exporter leaves outside XNNPACK. Those that only move values, or compute
the indices and numbers for that, are joined with the delegates around them into one network:

)";

constexpr const char* kCallsHead = R"(
Those that compute values are kept as calls in the programs that Sectile writes, and tile and stream
like XNNPACK's operators:

)";

constexpr const char* kProgramsHead = R"(
## What stays outside, by example

Networks of the tests that are refused (`tests/networks/refused.py`), each with the first thing that
Sectile names. Names with `::` are kernels that the exporter leaves outside XNNPACK. *Approximate*:
`--approximate` runs it, in overlapping tiles that are blended.

| network | verdict | named | why | approximate |
|---|---|---|---|---|
)";

constexpr const char* kSoakHead = R"(
## Refusals of random networks, counted

One network in ten has a layer to be refused; the others run over images down to one row, where a
size can be refused. Numbers are left out of the reasons (N), and a network counts once for each.

)";

std::string row(const std::string& op) {
  const OperatorRule* rule = find_rule(op);
  if (rule == nullptr) return fmt::format("| {} | no | no | no | no | {} |\n", op, why_no_rule(op));
  if (rule->verdict != Verdict::exact) {
    return fmt::format("| {} | no | no | no | no | not exact: {} |\n", op, rule->limits);
  }
  const bool streams = rule->crop.ranges != nullptr;
  const bool not_all = rule->crop.possible != nullptr && !rule->limits.empty();
  const char* stream = !streams ? "no" : not_all ? "most" : "yes";
  const bool converts = rule->types != nullptr && rule->integers == Integers::none;
  const char* half = converts ? "no" : rule->widens_halves ? "tiles" : "yes";
  const char* integers = converts || rule->integers != Integers::none ? "yes" : "no";
  return fmt::format("| {} | yes | {} | {} | {} | {} |\n", op, stream, half, integers,
                     rule->limits);
}

std::string operator_rows() {
  std::vector<std::string> operators = format_operators();
  for (const OperatorRule* rule : all_operators()) {
    if (rule->lower != nullptr) operators.emplace_back(rule->op);  // of kernels between delegates
  }
  std::ranges::sort(operators);
  std::string rows;
  for (const std::string& op : operators) rows += row(op);
  return rows;
}

std::string kernel_list() {
  std::vector<std::string> kernels = joined_kernels();
  std::ranges::sort(kernels);
  std::string list;
  for (const std::string& kernel : kernels) list += fmt::format("- `{}`\n", kernel);
  return list;
}

// Those with the same limits side by side.
std::string call_list() {
  std::map<std::string_view, std::string> names;
  for (const OperatorRule* rule : all_operators()) {
    if (rule->kernel == nullptr || rule->kernel->is_own) continue;
    std::string& list = names[rule->limits];
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", rule->op);
  }
  std::string list;
  for (const auto& [limits, ops] : names) list += fmt::format("- {}: {}\n", limits, ops);
  return list;
}

std::string program_row(const NetworkProgram& network) {
  const auto model = Model::open(network.path);
  EXPECT_TRUE(model) << model.error().message;
  if (!model) return {};
  const MethodInfo& method = model->methods()[0];
  EXPECT_FALSE(method.blockers.empty()) << network.name;
  if (method.blockers.empty()) return {};
  constexpr std::string_view kPrefix = "refused_";
  const Blocker& first = method.blockers.front();
  return fmt::format("| {} | {} | {} | {} | {} |\n", network.name.substr(kPrefix.size()),
                     to_string(method.verdict), first.op, first.why,
                     approximate_tile(*model) ? "yes" : "no");
}

std::string program_rows() {
  std::string rows;
  for (const NetworkProgram& network : network_programs()) {
    if (network.name.starts_with("refused_")) rows += program_row(network);
  }
  return rows;
}

std::string soak_section() {
  std::ifstream file(SECTILE_SOURCE_DIR "/tests/soak/counts.json");
  EXPECT_TRUE(file) << "tests/soak/counts.json";
  const auto counts = nlohmann::json::parse(file, nullptr, false);
  if (counts.is_discarded()) return {};
  std::string outcomes;
  for (const auto& [outcome, count] : counts.at("outcomes").items()) {
    outcomes += fmt::format("{}{} {}", outcomes.empty() ? "" : ", ", count.get<int>(), outcome);
  }
  const auto& plans = counts.at("plans");
  std::string text = fmt::format(
      "{}`make soak COUNT={} SEED={}`: {}. Plans compared with the whole image: {} tiled, {} "
      "streamed,\n{} whole.\n\n| networks | reason |\n|---|---|\n",
      kSoakHead, counts.at("networks").get<int>(), counts.at("first_seed").get<int>(), outcomes,
      plans.at("tiled").get<int>(), plans.at("streamed").get<int>(), plans.at("whole").get<int>());
  std::vector<std::pair<int, std::string>> refusals;
  for (const auto& [reason, count] : counts.at("refusals").items()) {
    refusals.emplace_back(-count.get<int>(), reason);
  }
  std::ranges::sort(refusals);
  for (const auto& [count, reason] : refusals) text += fmt::format("| {} | {} |\n", -count, reason);
  return text;
}

}  // namespace

std::string operators_table() {
  return kHead + operator_rows() + kKernelsHead + kernel_list() + kCallsHead + call_list() +
         kProgramsHead + program_rows() + soak_section();
}

}  // namespace sectile::internal::test
