#include "tests/program/rewritten.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <utility>

#include "src/program/read_program.h"
#include "src/program/write_program.h"
#include "src/runtime/loaded_program.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {

namespace {

std::span<const std::byte> bytes_of(const Constant& constant, const ProgramBytes& file) {
  if (!constant.bytes.empty()) return constant.bytes;
  return file.bytes().subspan(constant.offset_bytes, constant.size_bytes);
}

void expect_same_value(const Value& a, const ProgramBytes& a_file, const Value& b,
                       const ProgramBytes& b_file) {
  EXPECT_EQ(a.shape.dims, b.shape.dims);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.quantization, b.quantization);
  ASSERT_EQ(a.constant.has_value(), b.constant.has_value());
  if (a.constant) {
    EXPECT_TRUE(std::ranges::equal(bytes_of(*a.constant, a_file), bytes_of(*b.constant, b_file)));
  }
}

void expect_same_node(const Node& a, const Node& b) { EXPECT_TRUE(a == b) << a.op; }

void fill_with_noise(std::span<float> values) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> noise(0.1F, 2.0F);  // logarithms stay finite
  for (float& value : values) value = noise(random);
}

}  // namespace

std::shared_ptr<const VirtualFile> as_virtual_file(std::shared_ptr<const ProgramBytes> file) {
  auto whole = std::make_shared<VirtualFile>();
  whole->append(file->bytes(), file);
  return whole;
}

Result<Program> write_and_read(const Program& program, const std::vector<MethodToWrite>& methods,
                               IoMemory memory, const TempFolder& folder) {
  const auto written = write_program(methods, program.file, memory);
  if (!written) return fail(written.error());
  auto file = ProgramBytes::read(folder.write("written.pte", **written));
  if (!file) return fail(file.error());
  return read_program(std::move(*file));
}

Result<Program> write_and_read(const Program& program, const ProgramMethod& method,
                               const Graph& graph, const TempFolder& folder) {
  return write_and_read(program, {{method.name, &method, &graph}}, IoMemory::planned, folder);
}

// Values in the order in which they are met.
Graph renumbered(const Graph& graph) {
  Graph out = graph;
  std::vector<ValueId> met(graph.values.size(), kNoValue);
  out.values.clear();
  const auto meet = [&](ValueId& id) {
    if (id == kNoValue) return;
    if (met[id] == kNoValue) {
      met[id] = static_cast<ValueId>(out.values.size());
      out.values.push_back(graph.values[id]);
    }
    id = met[id];
  };
  meet(out.input);
  for (Node& node : out.nodes) {
    std::ranges::for_each(node.inputs, meet);
    meet(node.output);
  }
  meet(out.output);
  return out;
}

void expect_same_graph(const Graph& a, const ProgramBytes& a_file, const Graph& b,
                       const ProgramBytes& b_file) {
  EXPECT_EQ(a.input, b.input);
  EXPECT_EQ(a.output, b.output);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    expect_same_value(a.values[i], a_file, b.values[i], b_file);
  }
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) expect_same_node(a.nodes[i], b.nodes[i]);
}

TensorSpec spec_of(const ProgramTensor& tensor) {
  const bool planar = tensor.dim_order[1] == 1;
  return {tensor.sizes[1],
          {tensor.sizes[2], tensor.sizes[3]},
          planar ? Layout::planar : Layout::interleaved,
          tensor.dtype == "f16" ? DataType::f16 : DataType::f32};
}

std::vector<float> run_method(std::shared_ptr<const VirtualFile> file, const ProgramMethod& method,
                              const std::string& name, std::optional<float> value) {
  const TensorSpec in = spec_of(method.inputs[0]);
  const TensorSpec out = spec_of(method.outputs[0]);
  auto input = TileBuffer::allocate(in.values());
  auto output = TileBuffer::allocate(out.values());
  const auto program = load_program(std::move(file));
  EXPECT_TRUE(program) << (program ? "" : program.error().message);
  if (!program || !input || !output) return {};
  const auto session = (*program)->load(name, in, out, Threading::caller);
  EXPECT_TRUE(session) << (session ? "" : session.error().message);
  if (!session) return {};
  fill_with_noise(input->values());
  if (value) std::ranges::fill(input->values(), *value);
  const auto status = (*session)->run(input->values(), output->values());
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return {output->values().begin(), output->values().end()};
}

}  // namespace sectile::internal
