// Files that the engine reads and writes: configuration, certificates, offsets kept locally.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace barnabas::runtime {

/// Small files, read and written at once. Blocks the thread that calls.
class Files {
 public:
  virtual ~Files() = default;
  /// The whole file; the error is the system's own words. Refuses what is larger than 64 MiB.
  virtual std::expected<std::string, std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Writes beside the file and renames, so that a reader sees the old or the new text.
  virtual std::expected<void, std::string> replace(const std::string& path, std::string_view text) = 0;
};

}  // namespace barnabas::runtime
