#include "tests/support/operators_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "src/graph/operator.h"
#include "src/program/read_program.h"

namespace sectile::internal::test {
namespace {

std::string committed_page() {
  std::ifstream file(SECTILE_SOURCE_DIR "/docs/operators.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(OperatorsTable, IsWhatTheCodeMakes) {
  const std::string made = operators_table();
  const std::string committed = committed_page();
  const auto differ = std::ranges::mismatch(made, committed);
  EXPECT_TRUE(made == committed) << "docs/operators.md is out of date: run `make docs`. It first "
                                    "differs at: "
                                 << std::string(differ.in1, made.end()).substr(0, 100);
}

// An operator that is new in the format has to be judged before anybody meets it.
TEST(OperatorsTable, HasAReasonForEveryOperatorOfTheFormatWithoutARule) {
  const auto operators = format_operators();
  EXPECT_GT(operators.size(), 40U);
  for (const std::string& op : operators) {
    if (find_rule(op) == nullptr) {
      EXPECT_NE(why_no_rule(op), why_no_rule("")) << op;
    }
  }
}

TEST(OperatorsTable, HasEachOperatorOnce) {
  const auto in_format = format_operators();
  std::set<std::string_view> names;
  for (const OperatorRule* rule : all_operators()) {
    EXPECT_TRUE(names.insert(rule->op).second) << rule->op;
    const bool of_xnnpack = std::ranges::find(in_format, rule->op) != in_format.end();
    EXPECT_EQ(of_xnnpack, rule->format != nullptr) << rule->op;
    const bool is_added_up = rule->format == nullptr && rule->statistic != Statistic::none;
    EXPECT_NE(of_xnnpack, rule->lower != nullptr || rule->kernel != nullptr || is_added_up)
        << rule->op;
  }
}

TEST(OperatorsTable, NamesThePartsOfOperatorsThatDoNotStream) {
  for (const std::string& op : format_operators()) {
    const OperatorRule* rule = find_rule(op);
    if (rule != nullptr && rule->crop.possible != nullptr && op != "XNNConv2d") {
      EXPECT_FALSE(rule->limits.empty()) << op;
    }
  }
}

}  // namespace
}  // namespace sectile::internal::test
