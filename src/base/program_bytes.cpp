#include "src/base/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

std::size_t mapped_bytes(std::size_t size) { return size + MappedFile::kSpareBytes; }

// The file in front of zeros, so that its last page is never the last of the mapping.
void* map_with_spare_bytes(int fd, std::size_t size) {
  constexpr int kZeros = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* zeros = ::mmap(nullptr, mapped_bytes(size), PROT_READ, kZeros, -1, 0);
  if (zeros == MAP_FAILED) return MAP_FAILED;
  void* data = ::mmap(zeros, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
  if (data != MAP_FAILED) return data;
  const int reason = errno;
  ::munmap(zeros, mapped_bytes(size));
  errno = reason;
  return MAP_FAILED;
}

std::unexpected<Error> fail_with_errno(const std::string& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io;
  return fail(code, fmt::format("[open] {}: {}", path, std::strerror(errno)));
}
}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status{};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) return fail_with_errno(path);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::io, fmt::format("[open] {}: not a regular file", path));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  std::span<const std::byte> bytes;
  if (size > 0) {
    void* data = map_with_spare_bytes(file.fd, size);
    if (data == MAP_FAILED) return fail_with_errno(path);
    bytes = {static_cast<const std::byte*>(data), size};
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, bytes));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), mapped_bytes(bytes_.size()));
}

}  // namespace sectile::internal
