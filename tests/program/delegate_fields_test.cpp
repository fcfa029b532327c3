// The delegates of all programs of the tests, read and written again, field by field: what differs
// beyond ids, places of constants and external numbers is lost when a program is rewritten.
#include <flatbuffers/flatbuffers.h>
#include <flatbuffers/minireflect.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "runtime_schema_generated.h"
#include "src/base/program_bytes.h"
#include "src/program/container.h"
#include "src/program/xnnpack/delegate.h"
#include "src/program/xnnpack/values.h"

namespace sectile::internal {
namespace {
namespace fb = fb_xnnpack;
namespace fs = std::filesystem;

using Bytes = std::span<const std::byte>;
using Ids = std::map<std::uint32_t, std::size_t>;

std::vector<std::string> program_files() {
  std::vector<std::string> files;
  for (const char* folder : {"/tests/networks/programs", "/models"}) {
    for (const auto& entry : fs::directory_iterator(std::string(SECTILE_SOURCE_DIR) + folder)) {
      if (entry.path().extension() == ".pte") files.push_back(entry.path());
    }
  }
  return files;
}

std::unique_ptr<fb::XNNGraphT> unpack(Bytes delegate) {
  namespace dh = delegate_header;
  const bool has_header = std::memcmp(delegate.data() + dh::kMagicOffset, dh::kMagic, 4) == 0;
  const std::size_t begin = has_header ? read_u32(delegate, dh::kFlatbufferOffset) : 0;
  return std::unique_ptr<fb::XNNGraphT>(fb::GetXNNGraph(delegate.data() + begin)->UnPack());
}

template <typename Object>
std::string text_of(const Object& object) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Object::TableType::Pack(builder, &object));
  return flatbuffers::FlatBufferToString(builder.GetBufferPointer(),
                                         Object::TableType::MiniReflectTypeTable());
}

// Values have other ids in a rewritten program: each is replaced by the value's position.
std::string with_positions(const std::string& text, const Ids& ids) {
  static const std::regex id(R"((\w*_id|id_out): (\d+))");
  std::string out;
  auto rest = text.cbegin();
  for (std::sregex_iterator found(text.begin(), text.end(), id), end; found != end; ++found) {
    const auto number = static_cast<std::uint32_t>(std::stoul((*found)[2]));
    const auto position = ids.find(number);
    const std::string there = position == ids.end() ? "none" : std::to_string(position->second);
    out.append(rest, (*found)[0].first).append((*found)[1]).append(": ").append(there);
    rest = (*found)[0].second;
  }
  return out.append(rest, text.cend());
}

Ids ids_of(fb::XNNGraphT& graph) {
  Ids ids;
  for (const auto& value : graph.xvalues) ids.emplace(tensor_of(*value).id_out, ids.size());
  return ids;
}

// Where a constant and its scales lie changes, whether there is one does not.
void leave_out_places(fb::XValueT& value) {
  fb::XNNTensorValueT& tensor = tensor_of(value);
  tensor.constant_buffer_idx = tensor.constant_buffer_idx == 0 ? 0 : 1;
  tensor.external_id = tensor.external_id == kNoValue ? 0 : 1;
  auto* quantized = value.xvalue_union.AsXNNQuantizedTensorValue();
  auto* scales = quantized == nullptr ? nullptr : quantized->quant_params.AsPerChannelQuant();
  if (scales == nullptr) return;
  scales->scale.clear();  // their numbers are compared by expect_same_graph
  scales->scale_buffer_idx = 0;
  scales->num_scales = 0;
}

std::string external_text(const fb::XValueT& value) {
  fb::XValueT copy;
  copy.xvalue_union = value.xvalue_union;
  leave_out_places(copy);
  return text_of(copy);
}

// A length of 0 stands for the input's; what is written says it.
void fill_open_lengths(fb::XNNGraphT& graph) {
  const Ids ids = ids_of(graph);
  for (const auto& node : graph.xnodes) {
    auto* reshape = node->xnode_union.AsXNNStaticReshape();
    if (reshape == nullptr) continue;
    const auto& made = tensor_of(*graph.xvalues[ids.at(reshape->output_id)]).dims;
    for (std::size_t i = 0; i < reshape->new_shape.size(); ++i) {
      if (reshape->new_shape[i] == 0) reshape->new_shape[i] = made.at(i);
    }
  }
}

void expect_same_fields(fb::XNNGraphT& original, fb::XNNGraphT& written) {
  const Ids original_ids = ids_of(original);
  const Ids written_ids = ids_of(written);
  ASSERT_EQ(original.xvalues.size(), written.xvalues.size());
  for (std::size_t i = 0; i < original.xvalues.size(); ++i) {
    EXPECT_EQ(with_positions(external_text(*original.xvalues[i]), original_ids),
              with_positions(external_text(*written.xvalues[i]), written_ids));
  }
  ASSERT_EQ(original.xnodes.size(), written.xnodes.size());
  fill_open_lengths(original);
  for (std::size_t i = 0; i < original.xnodes.size(); ++i) {
    EXPECT_EQ(with_positions(text_of(*original.xnodes[i]), original_ids),
              with_positions(text_of(*written.xnodes[i]), written_ids));
  }
  EXPECT_EQ(original.num_externs, written.num_externs);
  EXPECT_EQ(original.input_ids.size(), written.input_ids.size());
  EXPECT_EQ(original.output_ids.size(), written.output_ids.size());
}

Graph with_ends(const DelegateGraph& delegate) {
  Graph graph = delegate.graph;
  for (const auto& input : delegate.inputs) graph.extra_inputs.push_back(input.value);
  for (const auto& output : delegate.outputs) graph.extra_outputs.push_back(output.value);
  return graph;
}

std::map<ValueId, std::string> keys_of(const Graph& graph) {
  std::map<ValueId, std::string> keys;
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    if (graph.values[id].constant) keys.emplace(id, "key");
  }
  return keys;
}

struct Counts {
  int compared = 0;
  int not_written = 0;
};

void check(const Container& container, ByteRange range, Counts& counts) {
  const auto delegate = decode_delegate(container, range);
  if (!delegate) {
    ADD_FAILURE() << delegate.error().message;
    return;
  }
  const Graph graph = with_ends(*delegate);
  const bool all_run = std::ranges::all_of(
      graph.values, [](const Value& value) { return size_bytes(value.type) > 0; });
  const Result<std::vector<std::byte>> written =
      all_run ? encode_delegate(graph, keys_of(graph))
              : fail(ErrorCode::unsupported, "a type that is not run");
  if (!written) {
    ++counts.not_written;
    return;
  }
  ++counts.compared;
  const auto bytes = container.file().subspan(range.offset_bytes, range.size_bytes);
  expect_same_fields(*unpack(bytes), *unpack(*written));
}

template <typename Visit>
void for_each_delegate(const Visit& visit) {
  for (const std::string& path : program_files()) {
    SCOPED_TRACE(path);
    const auto file = ProgramBytes::read(path);
    ASSERT_TRUE(file);
    const auto container = Container::parse((*file)->bytes());
    ASSERT_TRUE(container) << container.error().message;
    for (const auto* plan : *container->program().execution_plan()) {
      if (plan->delegates() == nullptr) continue;
      for (const auto* delegate : *plan->delegates()) {
        if (delegate->id()->str() != kXnnpackBackend) continue;
        const auto range = container->delegate_bytes(*delegate);
        ASSERT_TRUE(range);
        visit(*container, *range);
      }
    }
  }
}

TEST(DelegateFields, AreKeptWhenAProgramIsRewritten) {
  Counts counts;
  for_each_delegate(
      [&](const Container& container, ByteRange range) { check(container, range, counts); });
  EXPECT_GT(counts.compared, 300);
  RecordProperty("compared", counts.compared);
  EXPECT_LT(counts.not_written, 10);  // operators without a rule, types that are not run
}

}  // namespace
}  // namespace sectile::internal
