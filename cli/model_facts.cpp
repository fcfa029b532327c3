#include "cli/model_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "cli/classes.h"
#include "cli/file_value.h"
#include "cli/parse.h"
#include "cli/text.h"

namespace sectile::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kScaling = "value_scaling";
constexpr const char* kClasses = "classification:classes";

// Reads a value where there is one: `read` gives a Result of what `target` takes.
template <typename Target, typename Read>
Status take(const FileValue& object, const char* key, Target& target, Read read) {
  const auto value = object.find(key);
  if (!value) return {};
  auto made = read(*value);
  if (!made) return fail(made.error());
  target = std::move(*made);
  return {};
}

Result<std::string> text_of(const FileValue& value) { return value.text(); }
Result<double> number_of(const FileValue& value) { return value.number(); }
Result<std::vector<double>> numbers_of(const FileValue& value) { return value.numbers(); }

Result<double> scale_of(const FileValue& value) {
  const auto number = value.number();
  if (number && *number != 0) return number;
  return value.refuse("a number other than 0");
}

Result<std::vector<double>> scales_of(const FileValue& value) {
  auto numbers = value.numbers();
  if (!numbers || std::ranges::find(*numbers, 0.0) == numbers->end()) return numbers;
  return value.refuse("numbers other than 0");
}

Result<std::vector<double>> deviations_of(const FileValue& value) {
  auto numbers = value.numbers();
  const auto is_above = [](double number) { return number > 0; };
  if (!numbers || std::ranges::all_of(*numbers, is_above)) return numbers;
  return value.refuse("numbers above 0");
}

Result<std::vector<int>> bands_of(const FileValue& value) {
  constexpr std::int64_t kMost = 65535;
  const auto list = value.list();
  if (!list) return value.refuse("a list of bands, from 1 on: [3, 2, 1]");
  std::vector<int> bands;
  for (const FileValue& one : *list) {
    const auto band = one.whole_number();
    if (!band || *band < 1 || *band > kMost) {
      return one.refuse(fmt::format("a band, from 1 to {}", kMost));
    }
    bands.push_back(static_cast<int>(*band));
  }
  return bands;
}

Result<PixelType> input_type_of(const FileValue& value) {
  const auto text = value.text();
  for (const PixelType type : {PixelType::u8, PixelType::i8, PixelType::u16, PixelType::i16,
                               PixelType::u32, PixelType::i32, PixelType::f32, PixelType::f64}) {
    if (text && *text == to_string(type)) return type;
  }
  return value.refuse("u8, i8, u16, i16, u32, i32, f32 or f64");
}

Result<PixelType> output_type_of(const FileValue& value) {
  const auto text = value.text();
  const auto type = text ? parse_pixel_type(*text) : fail(text.error());
  return type ? type : value.refuse("u8, u16 or f32");
}

Result<OutputKind> kind_of(const FileValue& value) {
  const auto text = value.text();
  const auto kind = text ? parse_output_kind(*text) : fail(text.error());
  return kind ? kind : value.refuse("values, argmax, softmax or sigmoid");
}

Result<std::vector<double>> fill_of(const FileValue& value) {
  const auto number = number_of(value);
  if (!number) return fail(number.error());
  return std::vector{*number};
}

Result<bool> units_of(const FileValue& value) {
  const auto text = value.text();
  if (text && *text == "input") return true;
  return value.refuse("\"input\"");
}

Result<InputScaling> input_scaling_of(const FileValue& value) {
  InputScaling scaling;
  auto status = value.check_keys({"scale", "mean", "stddev"});
  if (status) status = take(value, "scale", scaling.scale, scale_of);
  if (status) status = take(value, "mean", scaling.mean, numbers_of);
  if (status) status = take(value, "stddev", scaling.std, deviations_of);
  if (!status) return fail(status.error());
  return scaling;
}

Result<OutputScaling> output_scaling_of(const FileValue& value) {
  OutputScaling scaling;
  auto status = value.check_keys({"scale", "offset"});
  if (status) status = take(value, "scale", scaling.scale, scales_of);
  if (status) status = take(value, "offset", scaling.offset, numbers_of);
  if (!status) return fail(status.error());
  return scaling;
}

Status read_input(const FileValue& input, ModelFacts& facts) {
  auto status = input.check_keys({"bands", "data_type", kScaling, "nodata_fill"});
  if (status) status = take(input, "bands", facts.bands, bands_of);
  if (status) status = take(input, "data_type", facts.input_type, input_type_of);
  if (status) status = take(input, kScaling, facts.scaling, input_scaling_of);
  if (status) status = take(input, "nodata_fill", facts.scaling.fill, fill_of);
  return status;
}

Status read_output(const FileValue& output, ModelFacts& facts) {
  auto& [kind, threshold, type, file, classes] = facts.output;
  auto& [scaling, input_units] = facts.output_scaling;
  auto status = output.check_keys({"kind", "threshold", "data_type", kScaling, "units", kClasses});
  if (status) status = take(output, "kind", kind, kind_of);
  if (status) status = take(output, "threshold", threshold, number_of);
  if (status) status = take(output, "data_type", type, output_type_of);
  if (status) status = take(output, kScaling, scaling, output_scaling_of);
  if (status) status = take(output, "units", input_units, units_of);
  if (status) status = take(output, kClasses, classes, classes_of);
  if (!status) return status;
  if (input_units && output.find(kScaling)) {
    return output.refuse("of units or of a value_scaling, as both say what pixels stand for");
  }
  const auto together = check_output(facts.output, facts.output_scaling);
  return together ? Status{}
                  : fail(together.error().code,
                         fmt::format("[json] {}: {}", facts.source, together.error().message));
}

Status read_all(const FileValue& all, ModelFacts& facts) {
  auto status = all.check_keys({"$schema", "description", "input", "output"});
  std::string ignored;
  if (status) status = take(all, "$schema", ignored, text_of);
  if (status) status = take(all, "description", facts.description, text_of);
  const auto input = status ? all.find("input") : std::nullopt;
  if (input) status = read_input(*input, facts);
  const auto output = status ? all.find("output") : std::nullopt;
  return output ? read_output(*output, facts) : status;
}

// Empty: there is none.
std::string file_beside(const std::string& model) {
  fs::path path(model);
  if (path.extension() != ".pte") return {};
  path.replace_extension(".json");
  std::error_code ignored;
  return fs::exists(path, ignored) ? path.string() : "";
}

}  // namespace

Result<ModelFacts> read_model_facts(const Model& model) {
  ModelFacts facts;
  facts.file = file_beside(model.path());
  if (facts.file.empty() && model.facts().empty()) return facts;
  facts.source = facts.file.empty() ? model.path() + ", method 'sectile'" : facts.file;
  const auto all = facts.file.empty() ? FileValue::parse(model.facts(), facts.source)
                                      : FileValue::read(facts.file);
  if (!all) return fail(all.error());
  if (auto status = read_all(*all, facts); !status) return fail(status.error());
  return facts;
}

Status check_facts(const ModelFacts& facts, const Model& model, const std::string& method) {
  const auto info = model.method(method);
  if (!info) return fail(info.error());
  struct Count {
    const char* key;
    std::size_t given;
    std::int64_t wanted;
    bool one_for_all = true;
  };
  const auto& in = (*info)->input_channels;
  const std::int64_t all = std::accumulate(in.begin(), in.end(), std::int64_t{0});
  const std::int64_t out = (*info)->output.channels;
  const OutputScaling& scaling = facts.output_scaling.scaling;
  for (const auto& [key, given, wanted, one_for_all] :
       {Count{"input.bands", facts.bands.size(), in.empty() ? 0 : in[0], false},
        Count{"input.value_scaling.mean", facts.scaling.mean.size(), all},
        Count{"input.value_scaling.stddev", facts.scaling.std.size(), all},
        Count{"output.value_scaling.scale", scaling.scale.size(), out},
        Count{"output.value_scaling.offset", scaling.offset.size(), out},
        Count{"output.classification:classes", facts.output.classes.size(), out, false}}) {
    const bool fits = std::cmp_equal(given, wanted) || (one_for_all && given == 1);
    if (given == 0 || wanted == 0 || fits) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("[json] {}: {} has {} and the network {}", facts.source, key, given,
                            count_text(wanted, "band")));
  }
  return {};
}

Status check_pixels(const ModelFacts& facts, const ImageInfo& image) {
  if (!facts.input_type || *facts.input_type == image.pixel_type) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format(
          "[json] {}: input.data_type is {} and the image has {} pixels: convert it, or say "
          "with --input-scale what its pixels stand for",
          facts.source, to_string(*facts.input_type), to_string(image.pixel_type)));
}

}  // namespace sectile::cli
