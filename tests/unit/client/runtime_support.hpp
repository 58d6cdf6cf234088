// Shared by the tests of the runtime seam: one coroutine on a fresh AsioRuntime, with a watchdog.
#pragma once

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "barnabas/client/runtime/asio_runtime.hpp"

namespace barnabas::tests {

using runtime::AsioOptions;
using runtime::AsioRuntime;
using runtime::Runtime;
using namespace std::chrono_literals;

inline asio::awaitable<void> stop_when_stuck(AsioRuntime& runtime) {
  co_await runtime::sleep_for(runtime.clock(), 120s);
  FAIL_CHECK("the test hung for two minutes");
  runtime.stop();
}

/// `body` is a lambda without captures, so that the coroutine does not outlive its closure.
inline void run(asio::awaitable<void> (*body)(AsioRuntime&), AsioOptions options = {}) {
  AsioRuntime runtime(options);
  asio::co_spawn(runtime.executor(), stop_when_stuck(runtime), asio::detached);
  runtime.run(body(runtime));
}

/// Reads until `bytes` have come or the stream ended.
inline asio::awaitable<std::string> read_bytes(runtime::Stream& stream, std::size_t bytes) {
  std::string text;
  char chunk[4096];
  while (text.size() < bytes) {
    const std::size_t wanted = std::min(sizeof(chunk), bytes - text.size());
    const runtime::IoResult result = stream.try_read(std::span(chunk, wanted));
    if (result.status == runtime::IoResult::Status::would_block) {
      co_await stream.readable();
    } else if (result.status == runtime::IoResult::Status::ok) {
      text.append(chunk, result.bytes);
    } else {
      break;
    }
  }
  co_return text;
}

/// False when the stream ended before all was written. `text` outlives the call.
inline asio::awaitable<bool> write_bytes(runtime::Stream& stream, std::string_view text) {
  while (!text.empty()) {
    const runtime::IoResult result = stream.try_write(text);
    if (result.status == runtime::IoResult::Status::would_block) {
      co_await stream.writable();
    } else if (result.status == runtime::IoResult::Status::ok) {
      text.remove_prefix(result.bytes);
    } else {
      co_return false;
    }
  }
  co_return true;
}

/// Counts its instances, to show that whatever held one is gone.
class Live {
 public:
  explicit Live(int& count) : count_(&count) { ++*count_; }
  Live(const Live& other) : count_(other.count_) { ++*count_; }
  Live& operator=(const Live&) = delete;
  ~Live() { --*count_; }

 private:
  int* count_;
};

}  // namespace barnabas::tests
