// Members of a share group in a simulated cluster, and what they saw.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "barnabas/group/share/consumer.hpp"
#include "world.hpp"

namespace barnabas::group::testing {

inline fixtures::broker::BrokerOptions share_brokers() {
  fixtures::broker::BrokerOptions options;
  options.share.reset_to_latest = false;
  options.share.record_lock_duration = seconds(5);
  options.share.heartbeat_interval_ms = 500;
  options.share.session_timeout = seconds(6);
  return options;
}

/// One member that takes turns and says of each record what `decide` says.
class ShareMember final : public client::EventSink {
 public:
  enum class Word { accept, release, reject, nothing };
  struct Seen {
    TopicPartition partition;
    std::int64_t offset;
    std::int16_t delivery_count;
  };

  ShareMember(World& world, std::string name, std::string ip, ConsumerOptions options = consumer_options());
  ~ShareMember() override;

  asio::awaitable<void> start(const char* topic);
  asio::awaitable<void> serve();
  asio::awaitable<void> stop(runtime::Duration limit = seconds(10));
  /// As if the process had been killed: nothing is said, connections end.
  void kill();

  int count(EventKind kind) const;
  std::string last(EventKind kind) const;
  /// How often this member saw the record.
  int times(std::int64_t offset, std::int32_t partition = 0) const;
  void on_event(const client::Event& event) noexcept override;

  World& world;
  std::string name, ip;
  runtime::Runtime& machine;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<ShareConsumer> consumer;
  std::function<Word(std::int64_t offset, std::int16_t delivery_count)> decide = [](auto, auto) {
    return Word::accept;
  };
  runtime::Duration work{};  ///< time that a turn takes
  bool stuck = false;
  bool killed = false;
  std::vector<Seen> seen;
  std::vector<client::Event> events;
};

}  // namespace barnabas::group::testing
