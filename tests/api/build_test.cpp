#include "sectile/build.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/api/images.h"
#include "tests/program/temp_folder.h"

namespace sectile::internal {
namespace {

namespace fs = std::filesystem;
using Methods = std::vector<BuildMethod>;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Build : public ::testing::Test {
 protected:
  void expect_error(const Model& model, const std::string& path, const Methods& methods,
                    ErrorCode code, bool overwrite = false) const {
    const auto before = listing();
    const auto status = build_program(model, path, methods, overwrite);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, code) << status.error().message;
    EXPECT_EQ(listing(), before);
  }
  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path());
    std::ranges::sort(names);
    return names;
  }

  const TempFolder folder_;
  const std::string out_ = folder_.file("out.pte");
  const Model model_ = open_model("unet2_positive");
};

std::vector<float> run_whole(const Model& model, Size size, const std::string& method) {
  const NoiseImage image(model, size, method);
  PlanOptions options = whole_image();
  options.method = method;
  const auto plan = make_plan(model, image.info(), options);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  MemorySource source = image.source();
  return plan ? run_in_memory(model, *plan, source) : std::vector<float>();
}

TEST_F(Build, WritesTheMethodsThatWereAskedFor) {
  const Methods methods{{"large", {64, 96}, ""}, {"small", {16, 24}, "forward"}};
  const auto status = build_program(model_, out_, methods);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(listing(), std::vector<std::string>{out_});
  const auto built = Model::open(out_);
  ASSERT_TRUE(built) << built.error().message;
  ASSERT_EQ(built->methods().size(), 2U);
  for (const BuildMethod& wanted : methods) {
    const auto method = built->method(wanted.name);
    ASSERT_TRUE(method) << method.error().message;
    EXPECT_EQ((*method)->input.height, wanted.size.height);
    EXPECT_EQ((*method)->input.width, wanted.size.width);
    EXPECT_EQ((*method)->reach, model_.methods()[0].reach);
    EXPECT_TRUE(same_bits(run_whole(*built, {48, 40}, wanted.name),
                          run_whole(model_, {48, 40}, "forward")));
  }
}

TEST_F(Build, StoresTheWeightsOnce) {
  const std::string one = folder_.file("one.pte");
  ASSERT_TRUE(build_program(model_, one, Methods{{"a", {32, 32}, ""}}));
  ASSERT_TRUE(build_program(model_, out_, Methods{{"a", {32, 32}, ""}, {"b", {64, 64}, ""}}));
  // The networks themselves are a few kilobytes each, here as much as the weights.
  const auto both = Model::open(out_);
  ASSERT_TRUE(both);
  EXPECT_LT(fs::file_size(out_), 2 * fs::file_size(one));
}

TEST_F(Build, RefusesNamesThatCannotBe) {
  expect_error(model_, out_, {}, ErrorCode::invalid_argument);
  expect_error(model_, out_, {{"", {32, 32}, ""}}, ErrorCode::invalid_argument);
  expect_error(model_, out_, {{"a", {32, 32}, ""}, {"a", {64, 64}, ""}},
               ErrorCode::invalid_argument);
  expect_error(model_, out_, {{"a", {32, 32}, "no_such_method"}}, ErrorCode::not_found);
}

TEST_F(Build, RefusesSizesTheNetworkDoesNotAccept) {
  expect_error(model_, out_, {{"a", {33, 32}, ""}}, ErrorCode::invalid_argument);
  expect_error(model_, out_, {{"good", {32, 32}, ""}, {"bad", {32, 0}, ""}},
               ErrorCode::invalid_argument);
}

TEST_F(Build, RefusesNetworksThatCannotBeCut) {
  expect_error(open_model("refused_global_pool"), out_, {{"a", {32, 32}, ""}},
               ErrorCode::not_exact);
  expect_error(open_model("refused_portable"), out_, {{"a", {32, 32}, ""}}, ErrorCode::unsupported);
}

TEST_F(Build, KeepsAnExistingFileUnlessTold) {
  std::ofstream(out_) << "precious";
  expect_error(model_, out_, {{"a", {32, 32}, ""}}, ErrorCode::invalid_argument);
  EXPECT_EQ(text_of(out_), "precious");
  ASSERT_TRUE(build_program(model_, out_, Methods{{"a", {32, 32}, ""}}, /*overwrite=*/true));
  EXPECT_TRUE(Model::open(out_));
}

TEST_F(Build, NeverReplacesTheModelItself) {
  const std::string copy = folder_.file("model.pte");
  fs::copy_file(model_.path(), copy);
  const std::string link = folder_.file("link.pte");
  fs::create_symlink(copy, link);
  const auto model = Model::open(copy);
  ASSERT_TRUE(model);
  for (const std::string& path : {copy, link, folder_.path() + "/./model.pte"}) {
    expect_error(*model, path, {{"a", {32, 32}, ""}}, ErrorCode::invalid_argument, true);
  }
  EXPECT_EQ(text_of(copy), text_of(model_.path()));
}

TEST_F(Build, NamesAMissingFolder) {
  expect_error(model_, folder_.file("none/out.pte"), {{"a", {32, 32}, ""}}, ErrorCode::not_found);
}

TEST_F(Build, LeavesNothingWhereItCannotWrite) {
  fs::create_directory(out_);
  std::ofstream(out_ + "/inside") << "so that the folder cannot be replaced";
  expect_error(model_, out_, {{"a", {32, 32}, ""}}, ErrorCode::io, true);
}

// Files of this process can grow to a few kilobytes only: as on a full disk.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t most_bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{most_bytes, before_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST_F(Build, KeepsTheOldFileWhenTheDiskIsFull) {
  std::ofstream(out_) << "precious";
  const std::string neighbour = out_ + ".partial";
  std::ofstream(neighbour) << "somebody else's";
  const auto before = listing();
  Status status;
  {
    const SmallFiles full(1000);
    status = build_program(model_, out_, Methods{{"a", {32, 32}, ""}}, /*overwrite=*/true);
  }
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io) << status.error().message;
  EXPECT_EQ(text_of(out_), "precious");
  EXPECT_EQ(text_of(neighbour), "somebody else's");
  EXPECT_EQ(listing(), before);
}

}  // namespace
}  // namespace sectile::internal
