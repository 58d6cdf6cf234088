// What a Consumer is made of. Only consumer.cpp and rebalance.cpp use it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/classic.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/offset_store.hpp"
#include "barnabas/group/share/consumer.hpp"
#include "barnabas/group/statistics.hpp"
#include "barnabas/group/subscription.hpp"
#include "barnabas/group/watch.hpp"

namespace barnabas::group {

struct Consumer::Parts final : MembershipOwner, Lane::Listener, client::MetadataListener {
  using Lanes = std::vector<std::shared_ptr<Lane>>;
  /// Where to begin without a committed offset, and where to end.
  struct Otherwise {
    explicit Otherwise(client::EndPosition e) : end(e) {}
    Otherwise(client::StartPosition s, client::EndPosition e) : start(s), end(e) {}
    std::optional<client::StartPosition> start;  ///< else what the options say
    client::EndPosition end;
  };

  Parts(client::Client& c, ConsumerOptions o);
  ~Parts() override;

  // consumer.cpp
  void start();
  std::unique_ptr<OffsetStore> make_offset_store();
  void fail(const Error& why);
  void report(client::EventKind kind, client::Severity severity, std::string text);
  const char* taken() const;
  bool has(const client::TopicPartition& partition) const;
  std::shared_ptr<Lane> open_lane(const client::TopicPartition& partition);
  void take_by_hand(const client::TopicPartition& partition, client::StartPosition start, client::EndPosition end);
  bool keeps_file() const { return !options.group.offset_store_path.empty(); }
  bool commits_wanted() const { return options.group.commit && (keeps_file() || !options.group.group_id.empty()); }
  asio::awaitable<void> follow_group();
  asio::awaitable<void> commit_loop();
  asio::awaitable<void> refetch_later(std::weak_ptr<Lane> lane);

  // topics.cpp: which topics, and which of their partitions are new.
  void want(Subscription wanted);
  void want_nothing();
  void note_new_topics();
  bool is_new(const client::TopicPartition& partition) const;
  bool commit_is_of_old_topic(const client::TopicPartition& partition);
  void follow_subscription();
  void take_new_partitions();
  bool read_to_end() const;

  // rebalance.cpp: what comes and what goes.
  void assigned(std::vector<client::TopicPartition> partitions) override;
  asio::awaitable<void> revoke(std::vector<client::TopicPartition> partitions, runtime::TimePoint drain_deadline,
                               runtime::TimePoint commit_deadline) override;
  void lost(const std::string& why) override;
  asio::awaitable<void> find_stored_position(std::shared_ptr<Lane> lane, Otherwise otherwise);
  asio::awaitable<void> find_positions(Lanes waiting, Otherwise otherwise);
  asio::awaitable<bool> find_positions_once(Lanes& waiting, const Otherwise& otherwise);
  bool take_position(Lane& lane, const CommittedOffset& committed, const Otherwise& otherwise);
  void begin(Lane& lane, client::StartPosition start, client::EndPosition end);
  client::StartPosition start_without_commit(const Lane& lane) const;
  void stop_handing_out(const Lanes& leaving, runtime::TimePoint drain_deadline);
  asio::awaitable<bool> drain(Lanes leaving, runtime::TimePoint deadline, bool for_close);
  asio::awaitable<void> commit_leaving(Lanes leaving, runtime::TimePoint deadline);
  asio::awaitable<void> give_up(Lanes leaving, runtime::TimePoint drain_deadline, runtime::TimePoint commit_deadline,
                                bool for_close);
  void drop(const Lanes& leaving, client::EventKind kind);

  // Lane::Listener
  void lane_ready(Lane&) override { ready.set(); }
  void lane_progressed(Lane& lane) override {
    if (draining > 0) life->news.notify_all();
    const std::int64_t enough = options.group.auto_commit_records;
    if (enough > 0 && lane.uncommitted() >= enough) commit_due.set();
  }
  void lane_unreadable(Lane& lane) override { tasks.spawn("fetch again", refetch_later(lane.weak_from_this())); }
  // client::MetadataListener
  void metadata_applied() override {
    follow_subscription();
    life->news.notify_all();
  }

  client::Client& client;
  ConsumerOptions options;
  std::shared_ptr<Life> life;
  runtime::TaskGroup tasks;
  client::Fetcher fetcher;
  MemberIdentity member;
  Coordinator coordinator;
  std::unique_ptr<OffsetStore> offsets;
  runtime::Wakeup commit_due;
  std::unique_ptr<Membership> membership;
  std::unique_ptr<ShareConsumer> share;  // does all the work when group.type is share
  AssignmentListener* listener = nullptr;

  Lanes lanes;
  std::uint64_t next_epoch = 1;
  std::size_t next_lane = 0;
  runtime::Wakeup ready;
  int draining = 0;
  bool started = false, closing = false, closed = false;
  std::unique_ptr<Error> error;
  Rebalances rebalances;
  Watch watch;
  std::unique_ptr<ConsumerMetrics> metrics;  // when brokers may ask for them
  Subscription subscription;
  std::optional<client::StartPosition> follow_from;  // follow(), not subscribe()
  std::vector<std::string> topics;                   // that the subscription chose
  std::set<client::TopicPartition> followed;         // taken by follow(), once each
  bool chosen_once = false;                          // patterns have seen all topics
  struct SeenAtStart {
    protocol::Uuid id{};
    std::size_t partitions = 0;  // 0: the topic came later
  };
  std::map<std::string, SeenAtStart> seen_at_start;  // of chosen topics
  std::map<client::TopicPartition, runtime::TimePoint> recreated;
};

}  // namespace barnabas::group
