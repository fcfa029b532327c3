#include "cli/trace.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "cli/json.h"

namespace sectile::cli {

namespace {

constexpr int kReader = 0;
constexpr int kWriter = 1;
constexpr int kFirstWorker = 2;

int thread_of(const RunEvent& event) {
  if (event.worker >= 0) return kFirstWorker + event.worker;
  return event.kind == RunEvent::Kind::strip_read ? kReader : kWriter;
}

Json thread_name(int thread, const std::string& name) {
  return {{"name", "thread_name"},
          {"ph", "M"},
          {"pid", 1},
          {"tid", thread},
          {"args", {{"name", name}}}};
}

// Whole microseconds of both ends: spans that do not overlap stay so.
std::int64_t microseconds(double seconds) { return std::llround(seconds * 1e6); }

Json event_json(const RunEvent& event) {
  const std::int64_t begin = microseconds(event.begin_seconds);
  Json json = {{"name", to_string(event.kind)},
               {"ph", "X"},
               {"pid", 1},
               {"tid", thread_of(event)},
               {"ts", begin},
               {"dur", microseconds(event.end_seconds) - begin},
               {"args", Json::object()}};
  if (event.strip >= 0) {
    json["args"] = {{"strip", event.strip}, {"rows", {event.rows.begin, event.rows.end}}};
  }
  if (event.column >= 0) json["args"]["column"] = event.column;
  return json;
}

}  // namespace

Result<std::unique_ptr<Trace>> Trace::open(const std::string& path) {
  auto file = ReportFile::open(path, "trace");
  if (!file) return fail(file.error());
  return std::unique_ptr<Trace>(new Trace(std::move(*file)));
}

void Trace::begin(int workers) {
  file_->append("{\"traceEvents\": [\n" + thread_name(kReader, "reader").dump());
  file_->append(",\n" + thread_name(kWriter, "writer").dump());
  for (int i = 0; i < workers; ++i) {
    file_->append(",\n" + thread_name(kFirstWorker + i, fmt::format("worker {}", i)).dump());
  }
}

void Trace::add(const RunEvent& event) { file_->append(",\n" + event_json(event).dump()); }

Status Trace::finish() {
  file_->append("\n]}\n");
  return file_->finish();
}

}  // namespace sectile::cli
