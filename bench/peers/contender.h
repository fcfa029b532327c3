// What the C++ contenders share: the conversation with bench/peers/measure.py, and raw pictures.
//
// A contender is a process. Its arguments are KEY=VALUE. It says "base BYTES" (its resident memory
// before any model or picture), then answers lines on stdin:
//   load       "ok ABOUT": the program is loaded and the picture is in memory
//   run        "seconds S" of one run over the picture
//   save PATH  "ok": the last run's output is in the file, as raw floats
//   peak       "peak BYTES": the most resident memory that the process ever held
// or "error WHY". It ends when stdin does.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace peers {

class Case {
 public:
  Case(int argc, char** argv) {
    for (const std::string argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
      const auto at = argument.find('=');
      if (at == std::string::npos) throw std::runtime_error(argument + " is not KEY=VALUE");
      values_[argument.substr(0, at)] = argument.substr(at + 1);
    }
  }
  std::string text(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "" : found->second;
  }
  std::int64_t number(const std::string& key) const {
    const std::string value = text(key);
    return value.empty() ? 0 : std::stoll(value);
  }
  bool from_file_to_file() const { return !text("output").empty(); }
  // Of the input picture.
  std::int64_t values() const { return number("channels") * number("height") * number("width"); }

 private:
  std::map<std::string, std::string> values_;
};

class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string load() = 0;
  virtual double run() = 0;
  virtual std::span<const float> output() const = 0;
};

// Planar floats, as bench/peers/pictures.py writes them.
inline std::vector<float> read_raw(const Case& c) {
  std::vector<float> pixels(static_cast<std::size_t>(c.values()));
  std::ifstream file(c.text("input"), std::ios::binary);
  file.read(reinterpret_cast<char*>(pixels.data()), std::ssize(pixels) * 4);
  if (!file) throw std::runtime_error("cannot read " + c.text("input"));
  return pixels;
}

inline void write_raw(const std::string& path, std::span<const float> pixels) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(pixels.data()), std::ssize(pixels) * 4);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

// `key` is "VmRSS" or "VmHWM".
inline std::int64_t memory_bytes(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1)) * 1024;
  }
  throw std::runtime_error("/proc/self/status has no " + key);
}

template <typename Function>
double seconds_of(Function function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline std::string answer(Contender& contender, const std::string& line) {
  if (line == "load") return "ok " + contender.load();
  if (line == "run") return "seconds " + std::to_string(contender.run());
  if (line == "peak") return "peak " + std::to_string(memory_bytes("VmHWM"));
  if (!line.starts_with("save ")) throw std::runtime_error("what is '" + line + "'?");
  write_raw(line.substr(5), contender.output());
  return "ok";
}

// The whole of a contender's main(). `ContenderType` is made from a Case.
template <typename ContenderType>
int converse(int argc, char** argv) try {
  const Case c(argc, argv);
  ContenderType contender(c);
  std::cout << "base " << memory_bytes("VmRSS") << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << answer(contender, line) << std::endl;
    } catch (const std::exception& failure) {
      std::cout << "error " << failure.what() << std::endl;
    }
  }
  return 0;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << std::endl;
  return 1;
}

}  // namespace peers
