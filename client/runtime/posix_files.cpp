#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "barnabas/client/runtime/asio_parts.hpp"

namespace barnabas::runtime {
namespace {

constexpr std::size_t file_bytes_max = 64u << 20;

std::string failure(const char* attempt, const std::string& path, int error) {
  return std::string(attempt) + " " + path + ": " + std::system_category().message(error);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  /// False when the system reports a write that failed late.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// Removes the new file unless it took its place.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void finished() { path_.clear(); }

 private:
  std::string path_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(fd, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

/// The file behind symbolic links, so that replacing it keeps the link; the path itself when there is no file yet.
std::string resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string result = real;
  std::free(real);
  return result;
}

/// Makes the rename itself survive a crash. Some file systems cannot; that is no reason to call the write failed.
void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.valid()) ::fsync(opened.get());
}

class PosixFiles final : public Files {
 public:
  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  std::expected<std::string, std::string> read(const std::string& path) override {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(failure("open", path, errno));
    std::string text;
    char chunk[64 * 1024];
    for (;;) {
      const ssize_t bytes = ::read(file.get(), chunk, sizeof(chunk));
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) return std::unexpected(failure("read", path, errno));
      if (bytes == 0) return text;
      if (text.size() + static_cast<std::size_t>(bytes) > file_bytes_max) {
        return std::unexpected("read " + path + ": larger than 64 MiB");
      }
      text.append(chunk, static_cast<std::size_t>(bytes));
    }
  }

  std::expected<void, std::string> replace(const std::string& path, std::string_view text) override {
    const std::string target = resolved(path);
    struct stat before{};
    const mode_t mode = ::stat(target.c_str(), &before) == 0 ? before.st_mode & 07777 : 0644;

    std::string beside = target + ".XXXXXX";
    Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
    if (!file.valid()) return std::unexpected(failure("create a file beside", path, errno));
    Unfinished unfinished(beside);
    const bool written = write_all(file.get(), text) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0;
    if (!written || !file.close()) return std::unexpected(failure("write", path, errno));
    if (::rename(beside.c_str(), target.c_str()) != 0) return std::unexpected(failure("replace", path, errno));
    unfinished.finished();
    sync_folder_of(target);
    return {};
  }
};

}  // namespace

std::unique_ptr<Files> make_posix_files() { return std::make_unique<PosixFiles>(); }

}  // namespace barnabas::runtime
