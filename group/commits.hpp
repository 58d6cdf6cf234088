// Offsets to the coordinator and back.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "barnabas/group/ask.hpp"
#include "barnabas/group/coordinator.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/offset_store.hpp"
#include "barnabas/protocol/messages/offset_commit.hpp"
#include "barnabas/protocol/messages/offset_fetch.hpp"

namespace barnabas::group {

/// One partition's offset on its way to the coordinator.
struct OffsetToCommit {
  client::TopicPartition partition;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  protocol::Uuid topic_id{};  ///< all zero while unknown
  std::string metadata;
};

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

/// The group's offsets, at its coordinator. Loop thread only.
class Commits final : public OffsetStore {
 public:
  /// `on_refused` hears of refusals that concern the membership: those of the generation that is still the present one.
  using OnRefused = std::function<void(Verdict, const Error&)>;

  Commits(client::Client& client, std::shared_ptr<Life> life, Coordinator& coordinator, const MemberIdentity& member,
          OnRefused on_refused)
      : OffsetStore(client, std::move(life)),
        coordinator_(coordinator),
        member_(member),
        on_refused_(std::move(on_refused)) {}

  asio::awaitable<void> commit_once(Lanes lanes, runtime::TimePoint deadline) override;
  asio::awaitable<CommittedOffsets> fetch(std::vector<client::TopicPartition> partitions,
                                          runtime::TimePoint deadline) override;

 private:
  asio::awaitable<void> send(Lanes lanes, runtime::TimePoint deadline);
  using Codes = std::map<client::TopicPartition, protocol::ErrorCode>;
  void take_answer(const Lanes& lanes, const std::vector<OffsetToCommit>& sent, const MemberIdentity& sent_as,
                   std::int32_t node_id, const Codes& codes, const std::string& peer);
  std::int16_t version_floor(std::int16_t classic) const;

  Coordinator& coordinator_;
  const MemberIdentity& member_;
  OnRefused on_refused_;
};

}  // namespace barnabas::group
