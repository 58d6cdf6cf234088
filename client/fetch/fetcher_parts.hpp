// What a Fetcher is made of. Only fetcher.cpp and finding.cpp use it.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "barnabas/client/fetch/broker_loop.hpp"
#include "barnabas/client/fetch/epoch_check.hpp"
#include "barnabas/client/fetch/fetcher.hpp"
#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"

namespace barnabas::client {

struct Fetcher::Parts final : FetchContext, MetadataListener {
  Parts(Client& c, FetchOptions o);

  // fetcher.cpp: partitions and the loops that read them.
  void retarget() override;
  void leave_follower(std::int32_t node_id) override;
  void stop_partition(FetchPartition& partition, const Error& error) override;
  void move_to(FetchPartition& partition, std::int64_t offset, std::int32_t leader_epoch) override;
  void metadata_applied() override { retarget(); }
  void wake_reader_of(FetchPartition& partition);
  BrokerLoop& loop(std::int32_t node_id);
  FetchPartition* find(const TopicPartition& key);
  asio::awaitable<void> follow_memory();
  asio::awaitable<void> watch_answers();
  void follow_topic(FetchPartition& partition);

  // finding.cpp: where partitions start and end, and whether their positions still hold.
  void start_at(FetchPartition& partition, StartPosition start, EndPosition end);
  void look_up_offset(FetchPartition& partition, StartPosition start) override;
  void check_position(FetchPartition& partition) override;
  void truncated(FetchPartition& partition, std::int64_t end, std::int32_t end_epoch, std::int32_t node_id) override;
  void out_of_range(FetchPartition& partition, std::int32_t node_id) override;
  void topic_recreated(FetchPartition& partition);
  void found(FetchPartition& partition, std::int32_t node_id);

  /// Questions to leaders, each about many partitions. They run among the client's tasks: an answer that does not come
  /// must not hold the fetcher's end.
  asio::awaitable<void> lookup_loop();
  template <class Query>
  static asio::awaitable<void> look_up(std::weak_ptr<Parts*> fetcher, Client& client, Isolation isolation,
                                       std::int32_t node_id, std::vector<Query> queries);
  template <class Query>
  void take_answers(const std::vector<Query>& queries, std::int32_t node_id, const Error* failure);
  void take_answer(FetchPartition& partition, const OffsetQuery& query, std::int32_t node_id);
  void take_answer(FetchPartition& partition, const EpochQuery& query, std::int32_t node_id);
  void refused(FetchPartition& partition, protocol::ErrorCode error, const char* attempted, std::int32_t node_id);
  void lookup_failed(FetchPartition& partition, const OffsetQuery& query, const Error& failure);
  void lookup_failed(FetchPartition& partition, const EpochQuery& query, const Error& failure);

  std::map<std::int32_t, std::unique_ptr<BrokerLoop>> loops;
  runtime::TaskGroup tasks;
  runtime::Wakeup lookups;
  runtime::Wakeup room;
  runtime::Wakeup ending;
  std::uint64_t next_epoch = 1;
  std::uint64_t next_lookup = 1;
  /// For questions under way: they end with the client, which may be later than this.
  std::shared_ptr<Parts*> alive = std::make_shared<Parts*>(this);
};

}  // namespace barnabas::client
