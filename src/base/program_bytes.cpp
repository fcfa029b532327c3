#include "src/base/program_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sectile::internal {

namespace {

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::unexpected<Error> cannot_open(ErrorCode code, const std::string& path, std::string reason) {
  return fail(code, fmt::format("[open] {}: {}", path, std::move(reason)));
}

std::unexpected<Error> fail_with_errno(const std::string& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io;
  return cannot_open(code, path, std::strerror(errno));
}

// Not filled: what is about to be overwritten need not be touched twice.
std::shared_ptr<std::byte[]> allocate(std::size_t size) {
  auto memory = std::make_unique_for_overwrite<std::byte[]>(size + ProgramBytes::kSpareBytes);
  std::fill_n(memory.get() + size, ProgramBytes::kSpareBytes, std::byte{0});
  return memory;
}

Status check_kind(const struct stat& status, const std::string& path) {
  if (S_ISDIR(status.st_mode)) return cannot_open(ErrorCode::io, path, "is a folder, not a file");
  if (!S_ISREG(status.st_mode)) {
    return cannot_open(ErrorCode::io, path,
                       "is not a regular file (a pipe's content can be passed as bytes)");
  }
  if (status.st_size == 0) return cannot_open(ErrorCode::corrupt, path, "the file is empty");
  return {};
}

// How many bytes there were, up to `size`; -1, with errno, after an error.
ssize_t read_up_to(int fd, std::byte* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, out + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return got;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

bool is_unchanged(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
         before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

}  // namespace

Result<std::shared_ptr<const ProgramBytes>> ProgramBytes::read(const std::string& path) {
  // Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat before{};
  struct stat after{};
  if (file.fd < 0 || ::fstat(file.fd, &before) != 0) return fail_with_errno(path);
  if (auto status = check_kind(before, path); !status) return fail(status.error());
  const auto size = static_cast<std::size_t>(before.st_size);
  const auto memory = allocate(size);
  const ssize_t got = read_up_to(file.fd, memory.get(), size);
  if (got < 0 || ::fstat(file.fd, &after) != 0) return fail_with_errno(path);
  if (got != before.st_size) {
    return cannot_open(ErrorCode::io, path,
                       fmt::format("the file ended after {} of its {} bytes", got, size));
  }
  if (!is_unchanged(before, after)) {
    return cannot_open(ErrorCode::io, path, "the file was changed while it was read");
  }
  return std::shared_ptr<const ProgramBytes>(new ProgramBytes(path, memory, {memory.get(), size}));
}

std::shared_ptr<const ProgramBytes> ProgramBytes::copy(std::span<const std::byte> bytes,
                                                       std::string name) {
  const auto memory = allocate(bytes.size());
  std::ranges::copy(bytes, memory.get());
  return std::shared_ptr<const ProgramBytes>(
      new ProgramBytes(std::move(name), memory, {memory.get(), bytes.size()}));
}

std::shared_ptr<const ProgramBytes> ProgramBytes::adopt(std::vector<std::byte> bytes,
                                                        std::string name) {
  const std::size_t size = bytes.size();
  bytes.resize(size + kSpareBytes);
  const auto memory = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return std::shared_ptr<const ProgramBytes>(
      new ProgramBytes(std::move(name), memory, {memory->data(), size}));
}

}  // namespace sectile::internal
