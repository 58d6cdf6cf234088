#include "barnabas/tools/statistics_lines.hpp"

#include <algorithm>

#include "barnabas/client/runtime/wakeup.hpp"
#include "barnabas/client/statistics/statistics.hpp"
#include "barnabas/group/librdkafka_statistics.hpp"
#include "barnabas/group/statistics.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {

/// Outlives the lines, since the coroutine ends with the client.
struct StatisticsLines::State {
  State(client::Client& c, const group::Consumer& g, std::string n)
      : client(c), consumer(g), name(std::move(n)), ended_wakeup(c.runtime().clock()) {}
  client::Client& client;
  const group::Consumer& consumer;
  std::string name;
  runtime::Wakeup ended_wakeup;
  bool ended = false;
};

StatisticsLines::StatisticsLines(client::Client& client, const group::Consumer& consumer, std::string name)
    : state_(std::make_shared<State>(client, consumer, std::move(name))) {
  if (client.options().statistics_interval_ms > 0) client.spawn("statistics", run(state_));
}

StatisticsLines::~StatisticsLines() {
  state_->ended = true;
  state_->ended_wakeup.set();
}

asio::awaitable<void> StatisticsLines::run(std::shared_ptr<State> state) {
  const auto interval = std::chrono::milliseconds(state->client.options().statistics_interval_ms);
  client::ClientStatistics before;
  auto next = state->client.now() + interval;
  while (!state->ended) {
    co_await state->ended_wakeup.wait_until(next);
    if (state->ended) break;
    const group::ConsumerStatistics consumer = state->consumer.statistics();
    client::ClientStatistics now = state->client.statistics();
    if (!state->name.empty()) now.name = state->name;
    print_error_line(group::librdkafka_json(now, &consumer, before));
    before = std::move(now);
    next = std::max(next + interval, state->client.now());
  }
}

}  // namespace barnabas::tools
