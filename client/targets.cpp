// Whom to ask: the leader of a partition, the coordinator of a group.
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "barnabas/client/client.hpp"
#include "barnabas/client/cluster/backoff.hpp"
#include "barnabas/client/cluster/connection.hpp"
#include "barnabas/client/cluster/find_coordinator.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

/// Keeps a topic in metadata for as long as somebody looks for it.
class Interest {
 public:
  Interest(Client& client, const std::string& topic) : client_(client), topic_(topic) { client_.add_interest(topic_); }
  ~Interest() { client_.remove_interest(topic_); }
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;

 private:
  Client& client_;
  const std::string topic_;
};

/// Why metadata names no leader; `none` when it does.
ErrorCode without_leader(const TopicInfo* topic, const PartitionInfo* partition) {
  if (!topic) return ErrorCode::unknown_topic_or_partition;
  if (topic->error != ErrorCode::none) return topic->error;
  if (!partition) return ErrorCode::unknown_topic_or_partition;
  if (partition->leader_id >= 0) return ErrorCode::none;
  return partition->error != ErrorCode::none ? partition->error : ErrorCode::leader_not_available;
}

const char* name(Client::CoordinatorKind kind) {
  switch (kind) {
    case Client::CoordinatorKind::group: return "group";
    case Client::CoordinatorKind::transaction: return "transactional id";
    case Client::CoordinatorKind::share: return "share group";
  }
  return "key";
}

std::int16_t first_version(Client::CoordinatorKind kind) {
  switch (kind) {
    case Client::CoordinatorKind::group: return 0;
    case Client::CoordinatorKind::transaction: return 1;
    case Client::CoordinatorKind::share: return 6;
  }
  return 0;
}

}  // namespace

asio::awaitable<Target> Client::leader(TopicPartition partition, runtime::TimePoint deadline) {
  const Interest interest(*this, partition.topic);
  const std::string attempted = "find the leader of " + partition.text();
  bool asked = false;
  while (true) {
    const TopicInfo* topic = metadata_.topic(partition.topic);
    const PartitionInfo* known = metadata_.partition(partition.topic, partition.partition);
    const ErrorCode code = without_leader(topic, known);
    if (code == ErrorCode::none) co_return Target::node(known->leader_id);
    const bool no_such_partition = topic && topic->error == ErrorCode::none && !known;
    if (asked && no_such_partition) {
      Error none = broker_error(code, attempted, "the cluster",
                                fmt::format("the topic has {} partitions", topic->partitions.size()));
      throw none.retriable(false);
    }
    if (asked && !protocol::retriable(code)) throw broker_error(code, attempted, "the cluster");
    if (closing_) throw Error(Error::Stage::closed, attempted, "", "the client is closing");
    if (!asked) request_metadata("the leader of " + partition.text() + " is wanted");
    const bool changed = co_await metadata_changed(deadline);
    asked = asked || changed;
    if (changed || closing_) continue;
    Error late = broker_error(code, attempted, "the cluster", "there was none before the deadline");
    throw late.retriable(true);
  }
}

asio::awaitable<Target> Client::coordinator(CoordinatorKind kind, std::string key, runtime::TimePoint deadline) {
  const std::string attempted = fmt::format("find the coordinator of {} {}", name(kind), key);
  Backoff backoff(options_.retry_backoff_ms, options_.retry_backoff_max_ms);
  while (true) {
    std::unique_ptr<Error> failure;
    const auto in_time = std::min(deadline, deadline_in_ms(options_.request_timeout_ms));
    try {
      co_return co_await coordinator_once(kind, key, attempted, in_time);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    const auto pause_until = now() + backoff.next(runtime_.random());
    if (closing_ || !failure->retriable() || pause_until >= deadline) throw Error(*failure);
    while (!closing_ && now() < pause_until) co_await metadata_changed(pause_until);  // which closing ends
  }
}

asio::awaitable<Target> Client::coordinator_once(CoordinatorKind kind, const std::string& key,
                                                 const std::string& attempted, runtime::TimePoint deadline) {
  FindCoordinatorRequest request;
  RequestRef ref = RequestRef::of(request);
  ref.version_min = std::max(ref.version_min, first_version(kind));
  const Target any = Target::any();
  auto asked = co_await connection(any, deadline);
  const std::int16_t version = asked->pick_version(ref);
  protocol::Arena arena;
  request = make_find_coordinator(static_cast<std::int8_t>(kind), key, version, arena);
  Reply reply = co_await asked->exchange(ref, version, deadline);
  const std::string peer = reply.peer;
  const auto answer = decode_reply<FindCoordinatorResponse>(std::move(reply));
  const FoundCoordinator found = read_find_coordinator(*answer, version, attempted, peer);
  metadata_.apply_node_endpoint(found.node_id, found.endpoint);
  co_return Target::node(found.node_id);
}

}  // namespace barnabas::client
