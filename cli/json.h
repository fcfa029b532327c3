// The JSON that the commands print. The names are part of the tool's interface: some may be added,
// none is ever changed.
// Thread safety: pure functions, except print.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/bench_runs.h"
#include "sectile/model.h"
#include "sectile/plan.h"
#include "sectile/run.h"

namespace sectile::cli {

// Keeps the keys in the order in which they were added.
using Json = nlohmann::ordered_json;

// A footprint that was not derived (any verdict but exact) is null: "reach", "align" and "scale".
Json inspect_json(const Model& model);

Json plan_json(const Plan& plan);

// Each of these holds the keys of plan_json, and its own.
Json run_json(const Plan& plan, const RunReport& report);
Json verify_json(const Plan& plan, const VerifyReport& report);
Json bench_json(const Plan& plan, const BenchReport& report, int rounds);

// Indented, with a newline at the end. Bytes that are not UTF-8 become U+FFFD.
std::string to_text(const Json& json);

// To stdout.
void print(const Json& json);

}  // namespace sectile::cli
