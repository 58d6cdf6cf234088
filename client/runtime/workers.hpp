// Threads for work that would hold the loop too long: decompression, checksums of large shares, password hashing.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <functional>

namespace barnabas::runtime {

/// Threads for what would hold the loop. Called on the loop thread only.
class Workers {
 public:
  virtual ~Workers() = default;
  /// Runs `work` on a worker thread and resumes the caller on the loop when it is done. `work` must not throw, must
  /// touch only what nobody else touches meanwhile, and is a named variable of the caller (hence no const reference).
  virtual asio::awaitable<void> run(std::function<void()>& work) = 0;
  virtual std::size_t threads() const = 0;
};

}  // namespace barnabas::runtime
