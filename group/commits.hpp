// Offsets to the coordinator and back.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "barnabas/client/statistics/latency.hpp"
#include "barnabas/group/ask.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/lane.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"

namespace barnabas::group {

/// One partition's offset on its way to the coordinator.
struct OffsetToCommit {
  client::TopicPartition partition;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  protocol::Uuid topic_id{};  ///< all zero while unknown
};

/// What the coordinator has for one partition.
struct CommittedOffset {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t offset = -1;  ///< -1 without error: nothing was ever committed
  std::int32_t leader_epoch = -1;
  bool by_id = false;  ///< found by the topic's id: not of another topic that had this name
};
using CommittedOffsets = std::map<client::TopicPartition, CommittedOffset>;

/// What topics are called, by id; offset requests name them so from version 10 on.
using TopicNames = std::map<protocol::Uuid, std::string>;

/// Requests and answers, without a network. `offsets` and `partitions` are sorted; strings in the result point to the
/// arguments.
protocol::OffsetCommitRequest make_offset_commit(const MemberIdentity& member,
                                                 const std::vector<OffsetToCommit>& offsets, protocol::Arena& arena);
std::map<client::TopicPartition, protocol::ErrorCode> read_offset_commit(const protocol::OffsetCommitResponse& response,
                                                                         std::int16_t version, const TopicNames& names);
protocol::OffsetFetchRequest make_offset_fetch(const MemberIdentity& member,
                                               const std::vector<client::TopicPartition>& partitions,
                                               const TopicNames& names, std::int16_t version, protocol::Arena& arena);
/// Every partition of `partitions` gets an entry; one that the answer leaves out has UNKNOWN_SERVER_ERROR.
CommittedOffsets read_offset_fetch(const protocol::OffsetFetchResponse& response, std::int16_t version,
                                   const std::vector<client::TopicPartition>& partitions, const TopicNames& names);

/// Loop thread only.
class Commits {
 public:
  using Lanes = std::vector<std::shared_ptr<Lane>>;
  /// `on_refused` hears of refusals that concern the membership: those of the generation that is still the present one.
  using OnRefused = std::function<void(Verdict, const Error&)>;

  Commits(client::Client& client, std::shared_ptr<Life> life, Coordinator& coordinator, const MemberIdentity& member,
          OnRefused on_refused)
      : client_(client),
        life_(std::move(life)),
        coordinator_(coordinator),
        member_(member),
        on_refused_(std::move(on_refused)) {}

  /// Commits the lowest unfinished offset of those lanes that moved since the last time, in one request, and retries
  /// what waiting can cure until `deadline`. Callers that come meanwhile wait and find less to do, or nothing. Throws
  /// Error when something is left uncommitted.
  asio::awaitable<void> commit(Lanes lanes, runtime::TimePoint deadline);
  /// One attempt.
  asio::awaitable<void> commit_once(Lanes lanes, runtime::TimePoint deadline);

  /// Asks once. Throws Error when the question as a whole failed.
  asio::awaitable<CommittedOffsets> fetch(std::vector<client::TopicPartition> partitions, runtime::TimePoint deadline);

  /// From sending a commit to its answer.
  const client::Latency& latency() const { return latency_; }

 private:
  asio::awaitable<void> send(Lanes lanes, runtime::TimePoint deadline);
  using Codes = std::map<client::TopicPartition, protocol::ErrorCode>;
  void take_answer(const Lanes& lanes, const std::vector<OffsetToCommit>& sent, const MemberIdentity& sent_as,
                   std::int32_t node_id, const Codes& codes, const std::string& peer);
  std::int16_t version_floor(std::int16_t classic) const;

  client::Client& client_;
  std::shared_ptr<Life> life_;
  Coordinator& coordinator_;
  const MemberIdentity& member_;
  OnRefused on_refused_;
  client::Latency latency_;
};

}  // namespace barnabas::group
