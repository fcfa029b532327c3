// What is written is the network that was read: the same graph, and the same bits when it runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "src/graph/operator.h"
#include "src/graph/passes/lower.h"
#include "src/graph/passes/spread_statistics.h"
#include "src/graph/passes/whole_image_pools.h"
#include "src/program/program.h"
#include "src/program/write_program.h"
#include "src/transform/resize.h"
#include "tests/program/rewritten.h"
#include "tests/support/network_programs.h"

namespace sectile::internal {
namespace {

using test::exact_programs;
using test::network_program;
using test::read_network;

using Visit = std::function<void(const Program&, const ProgramMethod&)>;

// Every method of every network that can be cut.
void for_each_method(const Visit& visit) {
  for (const auto& network : exact_programs()) {
    SCOPED_TRACE(network.name);
    const Program program = read_network(network);
    ASSERT_FALSE(program.methods.empty());
    for (const ProgramMethod& method : program.methods) {
      SCOPED_TRACE(method.name);
      ASSERT_TRUE(method.graph);
      visit(program, method);
    }
  }
}

bool has_several(const ProgramMethod& method) {
  return !method.input_parts.empty() || !method.output_parts.empty();
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return !a.empty() && a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Kernels over windows, pools over all of the image and resizes of statistics are read as the
// operators that are lowered to them.
bool is_lowered(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) {
    const bool is_resize =
        node.op == kSpread && std::holds_alternative<std::monostate>(node.attributes);
    return is_resize || node.op == kWholeImagePool || node.op == "aten::convolution" ||
           node.op == "aten::avg_pool2d";
  });
}

TEST(Write, GivesTheGraphThatWasRead) {
  const TempFolder folder;
  for (const IoMemory memory : {IoMemory::caller, IoMemory::planned}) {
    for_each_method([&](const Program& program, const ProgramMethod& method) {
      const auto again =
          write_and_read(program, {{method.name, &method, &*method.graph}}, memory, folder);
      ASSERT_TRUE(again) << again.error().message;
      ASSERT_EQ(again->methods.size(), 1U);
      const ProgramMethod& copy = again->methods[0];
      EXPECT_EQ(copy.name, method.name);
      EXPECT_EQ(copy.input_tree, method.input_tree);
      EXPECT_EQ(copy.output_tree, method.output_tree);
      const bool has_kernels = std::ranges::any_of(lowered(*method.graph).nodes, is_kernel);
      // In the caller's memory the dims of what kernels take stand as they lie.
      if (has_kernels && !method.inputs[0].planar() && memory == IoMemory::caller) return;
      EXPECT_EQ(spec_of(copy.inputs[0]), spec_of(method.inputs[0]));
      EXPECT_EQ(spec_of(copy.outputs[0]), spec_of(method.outputs[0]));
      ASSERT_TRUE(copy.graph);
      // Read again, the values of several inputs or outputs have other ids.
      if (has_several(method) && memory == IoMemory::planned) return;
      const Graph& graph = *method.graph;
      const Graph expected = is_lowered(graph) ? graph : lowered(graph);
      if (!has_kernels) {
        expect_same_graph(expected, *program.file, *copy.graph, *again->file);
      } else if (method.inputs[0].planar()) {  // else copies stand at the ends
        expect_same_graph(renumbered(expected), *program.file, renumbered(*copy.graph),
                          *again->file);
      }
    });
  }
}

// Of methods with several inputs or outputs tests/networks/test_resize.py says the same.
TEST(Write, GivesTheBitsOfTheFileItself) {
  for_each_method([&](const Program& program, const ProgramMethod& method) {
    if (has_several(method) || method.name.contains('.')) return;
    const auto expected = run_method(as_virtual_file(program.file), method, method.name);
    for (const IoMemory memory : {IoMemory::caller, IoMemory::planned}) {
      const std::vector<MethodToWrite> methods{{"renamed", &method, &*method.graph}};
      const auto written = write_program(methods, program.file, memory);
      ASSERT_TRUE(written) << written.error().message;
      EXPECT_TRUE(same_bits(run_method(*written, method, "renamed"), expected));
    }
  });
}

// Where an average counts padding, the sum of a window at the edge is that of the image's values
// alone: a sum of -0s is -0, and one of -0s and a 0 is 0.
TEST(Write, KeepsTheSignOfZeros) {
  for (const char* name : {"counted_average_alone", "convolution_alone"}) {
    const Program program = read_network(network_program(name));
    const ProgramMethod& method = program.methods.at(0);
    const std::vector<MethodToWrite> methods{{"renamed", &method, &*method.graph}};
    const auto written = write_program(methods, program.file, IoMemory::caller);
    ASSERT_TRUE(written) << written.error().message;
    for (const float value : {-0.0F, 0.0F}) {
      const auto expected = run_method(as_virtual_file(program.file), method, method.name, value);
      EXPECT_TRUE(same_bits(run_method(*written, method, "renamed", value), expected)) << name;
    }
  }
}

// Pieces of the written file that lie in the file that was read.
std::vector<VirtualFile::Piece> shared_pieces(const VirtualFile& written,
                                              const ProgramBytes& file) {
  std::vector<VirtualFile::Piece> shared;
  const std::byte* begin = file.bytes().data();
  std::ranges::copy_if(
      written.pieces(), std::back_inserter(shared), [&](const VirtualFile::Piece& piece) {
        return begin <= piece.bytes.data() &&
               piece.bytes.data() + piece.bytes.size() <= begin + file.bytes().size();
      });
  return shared;
}

// Of delegates: those of kernels, a number for each channel at most, are copied.
std::set<std::pair<std::uint64_t, std::uint64_t>> constants_of(const Graph& graph) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> constants;
  for (const Node& node : graph.nodes) {
    if (is_kernel(node)) continue;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      const auto& constant = graph.values[id].constant;
      if (constant && constant->bytes.empty()) {
        constants.emplace(constant->offset_bytes, constant->size_bytes);
      }
    }
  }
  return constants;
}

TEST(Write, CopiesNoWeights) {
  for_each_method([&](const Program& program, const ProgramMethod& method) {
    const std::vector<MethodToWrite> methods{{"tile", &method, &*method.graph}};
    const auto written = write_program(methods, program.file, IoMemory::caller);
    ASSERT_TRUE(written);
    EXPECT_EQ(shared_pieces(**written, *program.file).size(),
              constants_of(lowered(*method.graph)).size());
  });
}

TEST(Write, StoresTheWeightsOfSeveralMethodsOnce) {
  const Program program = read_network(network_program("unet2"));
  const ProgramMethod& method = program.methods.at(0);
  const auto larger = resize(*method.graph, {64, 96});
  ASSERT_TRUE(larger) << larger.error().message;
  const std::vector<MethodToWrite> methods{{"as_it_is", &method, &*method.graph},
                                           {"larger", &method, &*larger}};
  const auto written = write_program(methods, program.file, IoMemory::planned);
  ASSERT_TRUE(written);
  EXPECT_EQ(shared_pieces(**written, *program.file).size(), constants_of(*method.graph).size());

  const TempFolder folder;
  const auto again = write_and_read(program, methods, IoMemory::planned, folder);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->methods.size(), 2U);
  EXPECT_EQ(again->methods[0].graph->image_size(), method.graph->image_size());
  EXPECT_EQ(again->methods[1].graph->image_size(), (Size{64, 96}));
  EXPECT_EQ(constants_of(*again->methods[0].graph), constants_of(*again->methods[1].graph));
  for (const ProgramMethod& copy : again->methods) {
    EXPECT_FALSE(run_method(as_virtual_file(again->file), copy, copy.name).empty());
  }
}

// Without a name of its own, a constant is named by where it lies: a longer one may begin there.
TEST(Write, TellsConstantsApartThatBeginAtOnePlace) {
  const TempFolder folder;
  const Program program = read_network(network_program("four_conv"));
  const ProgramMethod& method = program.methods.at(0);
  Graph graph = *method.graph;
  Value* longest = nullptr;
  for (Value& value : graph.values) {
    if (!value.constant) continue;
    value.constant->key.clear();
    if (!longest || value.constant->size_bytes > longest->constant->size_bytes) longest = &value;
  }
  ASSERT_NE(longest, nullptr);
  for (Value& value : graph.values) {
    if (value.constant) value.constant->offset_bytes = longest->constant->offset_bytes;
  }
  const auto again = write_and_read(program, method, graph, folder);
  ASSERT_TRUE(again) << again.error().message;
  expect_same_graph(graph, *program.file, *again->methods.at(0).graph, *again->file);
}

}  // namespace
}  // namespace sectile::internal
