// ExecuTorch's log has one handler: lines of Sectile's calls stay with Sectile, all others reach
// the host's handler, whenever that was registered.
#include <executorch/runtime/platform/log.h>
#include <executorch/runtime/platform/platform.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "src/runtime/loaded_program.h"
#include "src/runtime/runtime_log.h"

namespace sectile::internal {
namespace {

namespace et = executorch::runtime;

std::vector<std::string> host_lines;
pal_emit_log_message_method handler_before_host = nullptr;

void host_handler(et_timestamp_t, et_pal_log_level_t, const char*, const char*, std::size_t,
                  const char* message, std::size_t length) {
  host_lines.emplace_back(message, length);
}

void passing_handler(et_timestamp_t time, et_pal_log_level_t level, const char* file,
                     const char* function, std::size_t line, const char* message,
                     std::size_t length) {
  host_lines.emplace_back(message, length);
  handler_before_host(time, level, file, function, line, message, length);
}

void register_host(pal_emit_log_message_method handler) {
  handler_before_host = et::get_pal_impl()->emit_log_message;
  et::register_pal(et::PalImpl::create(handler, __FILE__));
  host_lines.clear();
}

// A use of Sectile in which ExecuTorch writes lines. Returns the error's message.
std::string load_no_program() {
  const auto bytes = std::make_shared<std::vector<std::byte>>(1000);
  auto file = std::make_shared<VirtualFile>();
  file->append(*bytes, bytes);
  const auto program = load_program(file);
  EXPECT_FALSE(program);
  return program ? "" : program.error().message;
}

using Lines = std::vector<std::string>;
const Lines kHostsLine = {"a line of the host's"};
void write_a_line() { ET_LOG(Error, "a line of the host's"); }

// What a host sees that registers its handler first. In a process of its own, as Sectile is used
// for the first time in it.
bool host_comes_first() {
  register_host(host_handler);
  const std::string message = load_no_program();
  const bool ours_stays = host_lines.empty() && message.find("dentifier") != message.npos;
  write_a_line();
  if (!ours_stays || host_lines != kHostsLine) std::fprintf(stderr, "%s\n", message.c_str());
  return ours_stays && host_lines == kHostsLine;
}

TEST(LogDeathTest, PassesLinesOnToAHandlerThatWasThereBefore) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(host_comes_first() ? 0 : 1), ::testing::ExitedWithCode(0), "");
}

class Log : public ::testing::Test {
 protected:
  ~Log() override { et::register_pal(et::PalImpl::create(before_, __FILE__)); }

 private:
  const pal_emit_log_message_method before_ = et::get_pal_impl()->emit_log_message;
};

TEST_F(Log, PassesLinesOnToAHandlerThatCameLater) {
  load_no_program();
  register_host(host_handler);
  const std::string message = load_no_program();
  EXPECT_NE(message.find("dentifier"), std::string::npos) << message;
  EXPECT_EQ(host_lines, Lines());
  write_a_line();
  EXPECT_EQ(host_lines, kHostsLine);
}

TEST_F(Log, KeepsOnlyTheLinesOfItsOwnThread) {
  register_host(host_handler);
  const RuntimeErrors errors;
  std::thread(write_a_line).join();
  EXPECT_EQ(host_lines, kHostsLine);
  EXPECT_EQ(errors.first_line(), "");
  ET_LOG(Error, "a line of ours");
  EXPECT_EQ(host_lines, kHostsLine);
  EXPECT_EQ(errors.first_line(), "a line of ours");
}

TEST_F(Log, KnowsItsLinesWhileCallsNest) {
  register_host(host_handler);
  {
    const RuntimeErrors outer;
    {
      const RuntimeErrors inner;
    }
    ET_LOG(Error, "a line of ours");
  }
  EXPECT_EQ(host_lines, Lines());
}

TEST_F(Log, DoesNotGoRoundInCirclesWithAHandlerThatPassesLinesOn) {
  load_no_program();
  register_host(passing_handler);
  load_no_program();
  testing::internal::CaptureStderr();
  write_a_line();
  EXPECT_EQ(host_lines, kHostsLine);
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("a line of the host's"), std::string::npos) << printed;
}

}  // namespace
}  // namespace sectile::internal
