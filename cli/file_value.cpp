#include "cli/file_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

namespace sectile::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr int kMostDepth = 32;
constexpr std::size_t kMostKeys = 100;     // of an object: each is compared with all others
constexpr std::size_t kMostItems = 65536;  // of a list
constexpr std::size_t kMostShown = 60;     // bytes of a value, in messages

std::unexpected<Error> wrong(const std::string& file, const std::string& what) {
  return fail(ErrorCode::invalid_argument, fmt::format("[json] {}: {}", file, what));
}

Result<std::string> text_of_file(const std::string& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) {
    return fail(ErrorCode::not_found, fmt::format("[json] no such file: {}", file));
  }
  if (!fs::is_regular_file(status)) return wrong(file, "not a plain file");
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
  if (!stream.eof() && text.size() <= kMostBytes) {
    return fail(ErrorCode::io, fmt::format("[json] cannot read {}", file));
  }
  if (text.size() > kMostBytes) return wrong(file, "more than 8 MiB of JSON");
  return text;
}

// "[json.exception.parse_error.101] parse error at line 1, ...; last read: 'x'" without the part in
// brackets and the file's own bytes, which may be anything.
std::string reason_of(const std::exception& error) {
  std::string_view text = error.what();
  text = text.substr(0, text.find("; last read:"));
  const std::size_t end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

// Looks for what the parser lets pass: nesting without end, and keys that come twice.
class Watch {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    if (depth > kMostDepth) {
      problem_ = fmt::format("more than {} levels of lists and objects", kMostDepth);
      return false;
    }
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end && !keys_.empty()) keys_.pop_back();
    return event != Event::key || keys_.empty() || admits(parsed);
  }
  const std::string& problem() const { return problem_; }

 private:
  bool admits(const Json& key) {
    auto& keys = keys_.back();
    if (keys.size() == kMostKeys) {
      problem_ = fmt::format("an object of more than {} keys", kMostKeys);
      return false;
    }
    if (!keys.insert(key).second) problem_ = fmt::format("the key {} comes twice", key.dump());
    return true;
  }

  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::string problem_;
};

}  // namespace

Result<FileValue> FileValue::read(const std::string& file) {
  const auto text = text_of_file(file);
  return text ? parse(*text, file) : fail(text.error());
}

Result<FileValue> FileValue::parse(const std::string& text, const std::string& name) {
  Watch watch;
  try {
    const auto tell = [&](int depth, Json::parse_event_t event, Json& parsed) {
      return watch(depth, event, parsed);
    };
    const auto all = std::make_shared<const Json>(Json::parse(text, tell));
    if (!watch.problem().empty()) return wrong(name, watch.problem());
    return FileValue(all, *all, name, "");
  } catch (const Json::exception& error) {
    return wrong(name, watch.problem().empty() ? "no JSON: " + reason_of(error) : watch.problem());
  }
}

std::unexpected<Error> FileValue::refuse(const std::string& must_be) const {
  std::string shown = json_->dump(-1, ' ', true, Json::error_handler_t::replace);
  if (shown.size() > kMostShown) shown = shown.substr(0, kMostShown) + "...";
  return wrong(file_, fmt::format("{} must be {}, not {}", key_.empty() ? "the file" : key_,
                                  must_be, shown));
}

Result<std::string> FileValue::text() const {
  if (!json_->is_string()) return refuse("a text");
  auto text = json_->get<std::string>();
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (std::ranges::any_of(text, is_control)) return refuse("a text of one line");
  return text;
}

Result<double> FileValue::number() const {
  if (!json_->is_number()) return refuse("a number");
  const auto number = json_->get<double>();
  if (!std::isfinite(number)) return refuse("a finite number");
  return number;
}

Result<std::int64_t> FileValue::whole_number() const {
  constexpr double kMost = 0x1p53;
  const auto value = number();
  if (!value) return refuse("a whole number");
  if (std::trunc(*value) != *value || std::abs(*value) > kMost) return refuse("a whole number");
  return static_cast<std::int64_t>(*value);
}

Result<std::vector<double>> FileValue::numbers() const {
  if (json_->is_number()) {
    const auto one = number();
    if (!one) return fail(one.error());
    return std::vector{*one};
  }
  if (!json_->is_array() || json_->empty()) return refuse("a number, or a list of one a band");
  std::vector<double> numbers;
  const auto values = list();
  if (!values) return fail(values.error());
  for (const FileValue& value : *values) {
    const auto next = value.number();
    if (!next) return fail(next.error());
    numbers.push_back(*next);
  }
  return numbers;
}

Result<std::vector<FileValue>> FileValue::list() const {
  if (!json_->is_array() || json_->empty()) return refuse("a list that is not empty");
  if (json_->size() > kMostItems) return refuse(fmt::format("a list of at most {}", kMostItems));
  std::vector<FileValue> values;
  for (std::size_t i = 0; i < json_->size(); ++i) {
    values.push_back(at((*json_)[i], fmt::format("{}[{}]", key_, i)));
  }
  return values;
}

Status FileValue::check_keys(std::initializer_list<std::string_view> known) const {
  if (!json_->is_object()) return refuse("an object {...}");
  for (const auto& [key, value] : json_->items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    return wrong(file_,
                 fmt::format("there is no key {}{}{}; the keys {}are {}", key_,
                             key_.empty() ? "" : ".", Json(key).dump(),
                             key_.empty() ? "" : "of " + key_ + " ", fmt::join(known, ", ")));
  }
  return {};
}

std::optional<FileValue> FileValue::find(const std::string& key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) return std::nullopt;
  return at(*found, key_.empty() ? key : key_ + "." + key);
}

}  // namespace sectile::cli
