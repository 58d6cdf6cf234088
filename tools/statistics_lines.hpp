// statistics.interval.ms: what client and consumer say about themselves, as lines of JSON on standard error.
#pragma once

#include <memory>
#include <string>

#include "barnabas/client/client.hpp"
#include "barnabas/group/consumer.hpp"

namespace barnabas::tools {

/// Prints a line in librdkafka's form each interval while it lives; does nothing when the interval is 0. Destroyed
/// before `consumer` is, and before the client is closed. Loop thread only.
class StatisticsLines {
 public:
  /// `name` stands in the lines; the client id when it is empty.
  StatisticsLines(client::Client& client, const group::Consumer& consumer, std::string name = {});
  ~StatisticsLines();
  StatisticsLines(const StatisticsLines&) = delete;
  StatisticsLines& operator=(const StatisticsLines&) = delete;

 private:
  struct State;
  static asio::awaitable<void> run(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace barnabas::tools
