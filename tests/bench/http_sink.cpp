// The other end of the remote benchmark: an HTTP endpoint that answers at once, in a process of its own.
//
//   http_sink PORT COUNT
//
// Says "ready port=N", takes COUNT records, then prints `records=N bytes=B wall_s=… records_per_s=…` (bytes are those
// of the bodies, time runs from the first request to the last) and ends. A record is counted by its opening brace:
// base64 has none.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "barnabas/fixtures/http/sink.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: http_sink PORT COUNT\n");
    return 2;
  }
  using Clock = std::chrono::steady_clock;
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  std::atomic<std::uint64_t> records = 0, bytes = 0;
  std::atomic<Clock::rep> first = 0;
  barnabas::fixtures::HttpSink sink;
  sink.on_body([&](const std::string& body) {
    Clock::rep unset = 0;
    first.compare_exchange_strong(unset, Clock::now().time_since_epoch().count());
    records += static_cast<std::uint64_t>(std::count(body.begin(), body.end(), '{'));
    bytes += body.size();
  });
  fmt::print("ready port={}\n", sink.start(std::atoi(argv[1])));
  std::fflush(stdout);
  while (records < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const std::chrono::duration<double> wall = Clock::now().time_since_epoch() - Clock::duration(first);
  fmt::print("records={} bytes={} wall_s={:.3f} records_per_s={:.0f}\n", records.load(), bytes.load(), wall.count(),
             static_cast<double>(records) / wall.count());
  std::fflush(stdout);
  std::_Exit(0);
}
