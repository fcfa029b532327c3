#include "cli/facts_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/classes.h"

namespace sectile::cli {

namespace {

void put(Json& object, const char* key, Json value) {
  if (!value.is_null() && !(value.is_structured() && value.empty())) {
    object[key] = std::move(value);
  }
}

template <typename T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
template <typename T>
Json name_json(const std::optional<T>& value) {
  return value ? Json(to_string(*value)) : Json();
}

Json classes_json(const std::vector<ClassInfo>& classes) {
  Json list = Json::array();
  for (const ClassInfo& one : classes) {
    Json item{{"name", one.name}};
    if (one.color) item["color"] = color_text(one);
    list.push_back(std::move(item));
  }
  return list;
}

Json input_json(const ModelFacts& facts) {
  Json scaling = Json::object();
  put(scaling, "scale", optional_json(facts.scaling.scale));
  put(scaling, "mean", facts.scaling.mean);
  put(scaling, "stddev", facts.scaling.std);
  Json input = Json::object();
  put(input, "bands", facts.bands);
  put(input, "data_type", name_json(facts.input_type));
  put(input, "value_scaling", std::move(scaling));
  put(input, "nodata_fill", facts.scaling.fill.empty() ? Json() : Json(facts.scaling.fill[0]));
  return input;
}

Json output_json(const ModelFacts& facts) {
  const OutputKindArgument& kind = facts.output;
  const OutputArgument& scale = facts.output_scaling;
  Json scaling = Json::object();
  put(scaling, "scale", scale.scaling.scale);
  put(scaling, "offset", scale.scaling.offset);
  Json output = Json::object();
  put(output, "kind", name_json(kind.kind));
  put(output, "threshold", optional_json(kind.threshold));
  put(output, "data_type", name_json(kind.type));
  put(output, "value_scaling", std::move(scaling));
  put(output, "units", scale.input_units ? Json("input") : Json());
  put(output, "classification:classes", classes_json(kind.classes));
  return output;
}

// "scale 0.0001, mean [0.1, 0.2]"
std::string words_of(const Json& object) {
  std::vector<std::string> words;
  for (const auto& [key, value] : object.items()) {
    if (key == "classification:classes") continue;
    if (key == "value_scaling") {
      words.push_back(words_of(value));
    } else {
      words.push_back(
          fmt::format("{} {}", key, value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string classes_text(const std::vector<ClassInfo>& classes) {
  std::string text;
  int number = 0;
  for (const ClassInfo& one : classes) {
    text += fmt::format("  class {:<4} {}{}\n", number++, one.color ? color_text(one) + " " : "",
                        one.name);
  }
  return text;
}

}  // namespace

Json facts_json(const ModelFacts& facts) {
  if (facts.source.empty()) return {};
  Json json = Json::object();
  if (!facts.description.empty()) json["description"] = facts.description;
  put(json, "input", input_json(facts));
  put(json, "output", output_json(facts));
  return json;
}

std::string facts_text(const ModelFacts& facts) {
  if (facts.source.empty()) return {};
  std::string text = fmt::format("\n{}\n", facts.source);
  if (!facts.description.empty()) text += fmt::format("  {}\n", facts.description);
  const Json json = facts_json(facts);
  for (const char* part : {"input", "output"}) {
    if (json.contains(part)) text += fmt::format("  {:<10} {}\n", part, words_of(json[part]));
  }
  return text + classes_text(facts.output.classes);
}

}  // namespace sectile::cli
