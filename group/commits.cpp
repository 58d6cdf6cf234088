#include "barnabas/group/commits.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

namespace barnabas::group {

using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetFetchRequest;

namespace {

// From version 10 on, both requests name topics by id.
constexpr std::int16_t last_version_with_names = 9;
constexpr std::int16_t first_version_with_epochs = 9;

/// Which of two failures says more about what has to happen next.
int weight(Verdict verdict) { return static_cast<int>(verdict); }

/// The version that is asked for at most: topics that brokers gave no id have to go by name.
std::int16_t version_cap(bool all_have_ids) {
  return all_have_ids ? std::numeric_limits<std::int16_t>::max() : last_version_with_names;
}

}  // namespace

asio::awaitable<void> Commits::commit_once(Lanes lanes, runtime::TimePoint deadline) {
  asio::awaitable<void> talk = send(std::move(lanes), deadline);
  const bool came_to_it = co_await talk_alone(life_, deadline, std::move(talk));
  if (came_to_it) co_return;
  Error late(Error::Stage::timeout, "commit offsets of group " + member_.group_id, "",
             "a rebalance or another commit was under way all the time");
  throw late;
}

asio::awaitable<void> Commits::send(Lanes lanes, runtime::TimePoint deadline) {
  lanes = moved(std::move(lanes));
  if (lanes.empty()) co_return;
  const auto offsets = std::make_shared<std::vector<OffsetToCommit>>();
  TopicNames names;
  bool all_named = true;
  for (const auto& lane : lanes) {
    OffsetToCommit offset{lane->partition(), lane->window().position(), lane->leader_epoch(), lane->topic_id(),
                          lane->commit_metadata};
    all_named = all_named && !offset.topic_id.is_zero();
    names.emplace(offset.topic_id, offset.partition.topic);
    offsets->push_back(std::move(offset));
  }

  const std::int32_t node_id = co_await coordinator_.find(deadline);
  const MemberIdentity sent_as = member_;
  Ask what(client_, life_, "commit offsets of group " + member_.group_id);
  what.target = client::Target::node(node_id);
  what.deadline = deadline;
  what.version_floor = version_floor(2);
  what.version_cap = version_cap(all_named);
  Build<OffsetCommitRequest> build = [sent_as, offsets](std::int16_t, protocol::Arena& arena) {
    return make_offset_commit(sent_as, *offsets, arena);
  };
  std::unique_ptr<Answer<protocol::OffsetCommitResponse>> answer;
  std::unique_ptr<Error> failure;
  const auto sent_at = client_.now();
  try {
    answer = co_await ask<OffsetCommitRequest>(what, std::move(build));
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    if (unreachable(*failure) && !life_->stopping) coordinator_.forget(node_id, failure->cause());
    throw *failure;
  }
  latency_.add(client_.now() - sent_at);
  const auto codes = read_offset_commit(answer->value, answer->version, names);
  take_answer(lanes, *offsets, sent_as, node_id, codes, answer->peer);
}

std::int16_t Commits::version_floor(std::int16_t classic) const {
  return member_.has_epoch ? first_version_with_epochs : classic;
}

void Commits::take_answer(const Lanes& lanes, const std::vector<OffsetToCommit>& sent, const MemberIdentity& sent_as,
                          std::int32_t node_id, const Codes& codes, const std::string& peer) {
  std::unique_ptr<Error> worst;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto found = codes.find(sent[i].partition);
    const ErrorCode code = found == codes.end() ? ErrorCode::unknown_server_error : found->second;
    if (code == ErrorCode::none) {
      committed(*lanes[i], sent[i].offset);
      continue;
    }
    if (code == ErrorCode::unknown_topic_or_partition || code == ErrorCode::unknown_topic_id) lanes[i]->doubt_topic();
    if (worst && weight(judge(code)) <= weight(judge(worst->code()))) continue;
    worst = std::make_unique<Error>(broker_error(
        code,
        fmt::format("commit offset {} of {} for group {}", sent[i].offset, sent[i].partition.text(), sent_as.group_id),
        peer));
  }
  if (!worst) return;
  const Verdict verdict = judge(worst->code());
  if (verdict == Verdict::find_coordinator || worst->code() == ErrorCode::request_timed_out) {
    coordinator_.forget(node_id, worst->cause());
  }
  // What an older generation is told says nothing about the present one.
  const bool about_membership = verdict == Verdict::rejoin || verdict == Verdict::new_generation ||
                                verdict == Verdict::new_member || verdict == Verdict::fatal;
  if (about_membership && sent_as == member_) on_refused_(verdict, *worst);
  throw *worst;
}

asio::awaitable<CommittedOffsets> Commits::fetch(std::vector<client::TopicPartition> partitions,
                                                 runtime::TimePoint deadline) {
  std::sort(partitions.begin(), partitions.end());
  const auto wanted = std::make_shared<const std::vector<client::TopicPartition>>(std::move(partitions));
  const std::int32_t node_id = co_await coordinator_.find(deadline);
  Ask what(client_, life_, "ask for committed offsets of group " + member_.group_id);
  what.target = client::Target::node(node_id);
  what.deadline = deadline;
  const auto names = std::make_shared<TopicNames>();
  std::set<std::string> topics;
  for (const auto& partition : *wanted) {
    if (!topics.insert(partition.topic).second) continue;
    const client::TopicInfo* topic = client_.metadata().topic(partition.topic);
    if (topic && !topic->id.is_zero()) names->emplace(topic->id, partition.topic);
  }
  what.version_floor = version_floor(1);
  what.version_cap = version_cap(names->size() == topics.size());
  Build<OffsetFetchRequest> build = [member = member_, wanted, names](std::int16_t version, protocol::Arena& arena) {
    return make_offset_fetch(member, *wanted, *names, version, arena);
  };
  std::unique_ptr<Answer<protocol::OffsetFetchResponse>> answer;
  std::unique_ptr<Error> failure;
  try {
    answer = co_await ask<OffsetFetchRequest>(what, std::move(build));
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    if (unreachable(*failure) && !life_->stopping) coordinator_.forget(node_id, failure->cause());
    throw *failure;
  }
  CommittedOffsets result = read_offset_fetch(answer->value, answer->version, *wanted, *names);
  for (const auto& [partition, committed] : result) {
    if (committed.error == ErrorCode::unknown_topic_id) {
      client_.request_metadata("the coordinator does not know the id of topic " + partition.topic);
    }
    if (judge(committed.error) != Verdict::find_coordinator) continue;
    coordinator_.forget(node_id, protocol::error_name(static_cast<std::int16_t>(committed.error)));
    break;
  }
  co_return result;
}

}  // namespace barnabas::group
