// JSON in a file that anybody may have written: of any size, depth and type.
//
// Thread safety: values.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/json.h"
#include "sectile/result.h"

namespace sectile::cli {

// A value of such a file, and where it stands in it. Each error is invalid_argument and names the
// file, the key, what it holds and what it must be.
class FileValue {
 public:
  // Errors: not_found, io; invalid_argument (not JSON, more than 8 MiB, deeper than 32, a key
  // twice, an object of more than 100 keys).
  static Result<FileValue> read(const std::string& file);
  // The same of a text; `name` takes the file's place in messages.
  static Result<FileValue> parse(const std::string& text, const std::string& name);

  Result<std::string> text() const;  // without control characters
  Result<double> number() const;
  Result<std::int64_t> whole_number() const;
  Result<std::vector<double>> numbers() const;  // a number, or a list of some
  Result<std::vector<FileValue>> list() const;  // not empty, at most 65536

  // Errors: not an object, or one with other keys.
  Status check_keys(std::initializer_list<std::string_view> known) const;
  std::optional<FileValue> find(const std::string& key) const;  // REQUIRES: check_keys passed

  // "FILE: KEY must be X, not VALUE"
  std::unexpected<Error> refuse(const std::string& must_be) const;

 private:
  FileValue(std::shared_ptr<const Json> all, const Json& json, std::string file, std::string key)
      : all_(std::move(all)), json_(&json), file_(std::move(file)), key_(std::move(key)) {}
  FileValue at(const Json& json, std::string key) const {
    return {all_, json, file_, std::move(key)};
  }

  std::shared_ptr<const Json> all_;  // keeps json_
  const Json* json_;
  std::string file_;
  std::string key_;  // "output.classification:classes[3].color"; empty: all of the file
};

}  // namespace sectile::cli
