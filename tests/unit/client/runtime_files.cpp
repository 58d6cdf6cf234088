#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "runtime_support.hpp"

namespace barnabas::tests {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "barnabas-files-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const char* name) const { return (path_ / name).string(); }
  int entries() const {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path_)) ++count;
    return count;
  }

 private:
  fs::path path_;
};

TEST_CASE("files: what was written is read back, also when it replaces something or is empty") {
  AsioRuntime runtime;
  const Folder folder;
  const std::string path = folder / "offsets";
  for (const std::string& text : {std::string("first"), std::string(300'000, 'x') + '\0' + "end", std::string()}) {
    REQUIRE(runtime.files().replace(path, text).has_value());
    const auto read = runtime.files().read(path);
    REQUIRE(read.has_value());
    CHECK(*read == text);
  }
  CHECK(folder.entries() == 1);
}

TEST_CASE("files: replacing keeps the mode, and a symbolic link stays one") {
  AsioRuntime runtime;
  const Folder folder;
  const std::string path = folder / "file";
  const std::string link = folder / "link";
  REQUIRE(runtime.files().replace(path, "old").has_value());
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  fs::create_symlink(path, link);
  REQUIRE(runtime.files().replace(link, "new").has_value());
  CHECK(fs::is_symlink(link));
  CHECK(fs::status(path).permissions() == fs::perms(0600));
  const auto read = runtime.files().read(path);
  REQUIRE(read.has_value());
  CHECK(*read == "new");
}

TEST_CASE("files: errors say what was tried, with which file, and why") {
  AsioRuntime runtime;
  const Folder folder;
  const std::string missing = folder / "missing";
  CHECK(runtime.files().read(missing).error() == "open " + missing + ": No such file or directory");
  const std::string itself = folder / ".";
  CHECK(runtime.files().read(itself).error() == "read " + itself + ": Is a directory");
  const std::string nowhere = folder / "no/such/folder";
  CHECK(runtime.files().replace(nowhere, "x").error() ==
        "create a file beside " + nowhere + ": No such file or directory");
  const std::string occupied = folder / "occupied";
  fs::create_directory(occupied);
  CHECK(runtime.files().replace(occupied, "x").error() == "replace " + occupied + ": Is a directory");
  CHECK(folder.entries() == 1);
}

TEST_CASE("files: more than 64 MiB is refused") {
  AsioRuntime runtime;
  const Folder folder;
  const std::string path = folder / "large";
  REQUIRE(runtime.files().replace(path, "").has_value());
  REQUIRE(::truncate(path.c_str(), 64 << 20) == 0);
  CHECK(runtime.files().read(path).has_value());
  REQUIRE(::truncate(path.c_str(), (64 << 20) + 1) == 0);
  CHECK(runtime.files().read(path).error() == "read " + path + ": larger than 64 MiB");
}

}  // namespace
}  // namespace barnabas::tests
