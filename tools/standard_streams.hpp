// Standard input and output without holding the loop: a pipe that says nothing, or a pager that does not read on, must
// not keep batches, heartbeats and signals waiting. Both wait on a worker.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "barnabas/client/runtime/runtime.hpp"

namespace barnabas::tools {

/// Makes poll() on a worker return. From any thread.
class StopFlag {
 public:
  StopFlag();
  ~StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;
  void raise() noexcept;
  /// Waits until `fd` is ready for `events` (as poll() has them); false when the flag is up.
  bool wait_for(int fd, short events) const;

 private:
  int fd_;
};

/// Loop thread only.
class StandardInput {
 public:
  explicit StandardInput(runtime::Runtime& runtime) : runtime_(runtime) {}
  /// Appends what is there, at most `bytes_max`; waits for the first byte. False at the end of the input and after
  /// stop(). Throws Error when it cannot be read.
  asio::awaitable<bool> read(std::string& buffer, std::size_t bytes_max);
  void stop() noexcept { stop_.raise(); }

 private:
  runtime::Runtime& runtime_;
  StopFlag stop_;
};

/// Loop thread only.
class StandardOutput {
 public:
  explicit StandardOutput(runtime::Runtime& runtime);
  /// Writes all of `text`. False, then and ever after, when the reader went away or after stop(). Throws Error when it
  /// cannot be written for another reason.
  asio::awaitable<bool> write(const std::string& text);
  void stop() noexcept { stop_.raise(); }

 private:
  runtime::Runtime& runtime_;
  StopFlag stop_;
  std::size_t piece_bytes_;
  bool over_ = false;
};

}  // namespace barnabas::tools
