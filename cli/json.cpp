#include "cli/json.h"

#include <cstdio>

#include "cli/hints.h"

namespace sectile::cli {

namespace {

constexpr int kIndent = 2;

Json size_json(Size size) { return {{"height", size.height}, {"width", size.width}}; }

Json rect_json(Rect rect) {
  return {{"x", rect.x.begin},
          {"y", rect.y.begin},
          {"width", rect.x.size()},
          {"height", rect.y.size()}};
}

Json tensor_json(const TensorInfo& tensor) {
  return {{"dtype", tensor.dtype},
          {"channels", tensor.channels},
          {"height", tensor.height},
          {"width", tensor.width}};
}

Json input_scales_json(const std::vector<Size>& scales) {
  Json list = Json::array();
  for (const Size scale : scales) list.push_back({{"y", scale.height}, {"x", scale.width}});
  return list;
}

Json reach_json(const Reach& reach) {
  return {
      {"top", reach.top}, {"left", reach.left}, {"bottom", reach.bottom}, {"right", reach.right}};
}

Json ratio_json(Ratio ratio) { return Json::array({ratio.num, ratio.den}); }

Json blockers_json(const MethodInfo& method) {
  Json list = Json::array();
  for (const Blocker& blocker : method.blockers) {
    list.push_back({{"node", blocker.node},
                    {"op", blocker.op},
                    {"why", blocker.why},
                    {"reason", to_string(blocker.reason)},
                    {"alternatives", Json::array({hint_for(blocker, method.verdict)})}});
  }
  return list;
}

// Null for a network that cannot be cut.
Json stream_json(const Model& model, const MethodInfo& method) {
  if (method.verdict != Verdict::exact) return {};
  const auto stream = stream_info(model, method.name);
  if (!stream) return {{"why_not", stream.error().message}};
  return {{"lag_rows", stream->lag_rows},
          {"kept_bytes_per_column", stream->history_bytes_per_column}};
}

Json method_json(const Model& model, const MethodInfo& method) {
  const bool exact = method.verdict == Verdict::exact;
  Json json;
  json["name"] = method.name;
  json["input"] = tensor_json(method.input);
  json["output"] = tensor_json(method.output);
  json["input_channels"] = method.input_channels;
  json["input_scales"] = input_scales_json(method.input_scales);
  json["output_channels"] = method.output_channels;
  json["reach"] = exact ? reach_json(method.reach) : Json();
  json["align"] = exact ? Json{{"y", method.align.y}, {"x", method.align.x}} : Json();
  json["scale"] =
      exact ? Json{{"y", ratio_json(method.scale.y)}, {"x", ratio_json(method.scale.x)}} : Json();
  json["stream"] = stream_json(model, method);
  json["verdict"] = to_string(method.verdict);
  json["passes"] = exact ? Json(method.passes) : Json();
  json["assumptions"] = method.assumptions;
  json["blockers"] = blockers_json(method);
  json["alternatives"] = ways_out(model, method);
  return json;
}

Json memory_json(const PlannedMemory& memory) {
  return {{"process_bytes", memory.process_bytes},
          {"file_bytes", memory.file_bytes},
          {"kept_image_bytes", memory.kept_bytes},
          {"band_bytes", memory.strip_bytes},
          {"each_worker",
           {{"weight_bytes", memory.weight_bytes},
            {"table_bytes", memory.indirection_bytes},
            {"workspace_bytes", memory.workspace_bytes},
            {"buffer_bytes", memory.buffer_bytes},
            {"kept_bytes", memory.history_bytes}}}};
}

Json passes_json(const std::vector<PlannedPass>& passes) {
  Json list = Json::array();
  for (const PlannedPass& pass : passes) {
    list.push_back({{"statistics", pass.statistics},
                    {"pixels", pass.pixels},
                    {"kept_images_read", pass.kept_images_read},
                    {"kept_bytes", pass.kept_bytes},
                    {"mode", to_string(pass.mode)},
                    {"tile", size_json(pass.tile)},
                    {"lanes", pass.lanes},
                    {"steps", pass.steps},
                    {"workers", pass.workers},
                    {"threads", pass.threads},
                    {"compute_ratio", pass.compute_ratio},
                    {"peak_bytes", pass.peak_bytes}});
  }
  return list;
}

Json alternatives_json(const std::vector<PlanAlternative>& alternatives) {
  Json list = Json::array();
  for (const PlanAlternative& other : alternatives) {
    list.push_back({{"name", other.name},
                    {"mode", to_string(other.mode)},
                    {"tile", size_json(other.tile)},
                    {"workers", other.workers},
                    {"threads", other.threads},
                    {"lean", other.transient_tables},
                    {"time", other.time},
                    {"peak_bytes", other.peak_bytes}});
  }
  return list;
}

Json disagreement_json(const Disagreement& disagreement) {
  return {{"values", disagreement.values}, {"rms", disagreement.rms}, {"max", disagreement.max}};
}

Json bench_result_json(const BenchResult& result) {
  return {{"median_seconds", result.median_seconds},
          {"min_seconds", result.min_seconds},
          {"peak_rss_bytes", result.peak_rss_bytes}};
}

}  // namespace

Json inspect_json(const Model& model) {
  Json list = Json::array();
  for (const MethodInfo& method : model.methods()) list.push_back(method_json(model, method));
  return {{"methods", list}};
}

Json plan_json(const Plan& plan) {
  Json json;
  json["method"] = plan.method();
  json["mode"] = to_string(plan.mode());
  json["lanes"] = plan.lanes();
  json["steps"] = plan.steps();
  json["tile"] = size_json(plan.tile_size());
  json["workers"] = plan.workers();
  json["threads"] = plan.threads();
  json["compute_ratio"] = plan.compute_ratio();
  json["lean"] = plan.transient_tables();
  json["predicted_peak_bytes"] = plan.predicted_peak_bytes();
  json["memory_limit_bytes"] = plan.memory_limit_bytes();
  json["memory"] = memory_json(plan.memory());
  json["passes"] = passes_json(plan.passes());
  json["keep"] = to_string(plan.keep());
  json["temp_bytes"] = plan.temp_bytes();
  json["alternatives"] = alternatives_json(plan.alternatives());
  json["image"] = size_json(plan.image_size());
  json["output"] = size_json(plan.output_size());
  json["output_kind"] = to_string(plan.output_kind());
  json["threshold"] = plan.threshold() ? Json(*plan.threshold()) : Json();
  json["output_bands"] = plan.output_info().bands;
  json["output_type"] = to_string(plan.output_info().pixel_type);
  json["window"] = rect_json(plan.window());
  json["input_window"] = rect_json(plan.input_window());
  json["approximate"] = plan.approximate();
  if (plan.mode() == Mode::approximate) json["overlap_px"] = size_json(plan.overlap());
  return json;
}

Json run_json(const Plan& plan, const RunReport& report) {
  Json json = plan_json(plan);
  json["seconds"] = {{"total", report.total_seconds},
                     {"read", report.read_seconds},
                     {"compute", report.compute_seconds},
                     {"copy", report.copy_seconds},
                     {"write", report.write_seconds}};
  json["steps_left_out"] = report.steps_left_out;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  if (report.disagreement) json["disagreement"] = disagreement_json(*report.disagreement);
  return json;
}

Json verify_json(const Plan& plan, const VerifyReport& report) {
  Json json = plan_json(plan);
  json["values"] = report.values;
  json["differing"] = report.differing;
  json["max_abs_diff"] = report.max_abs_diff;
  return json;
}

Json bench_json(const Plan& plan, const BenchReport& report, int rounds) {
  Json json = plan_json(plan);
  json["rounds"] = rounds;
  json["whole"] = bench_result_json(report.whole);
  json["whole"]["threads"] = report.whole_threads;
  json["planned"] = bench_result_json(report.planned);
  json["planned"]["copy_share"] = report.copy_share;
  json["time_ratio"] = report.time_ratio;
  json["memory_ratio"] = report.memory_ratio;
  json["differing"] = report.differing;
  return json;
}

std::string to_text(const Json& json) {
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

void print(const Json& json) { std::fputs(to_text(json).c_str(), stdout); }

}  // namespace sectile::cli
