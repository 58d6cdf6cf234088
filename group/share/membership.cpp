#include "barnabas/group/share/membership.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "barnabas/group/membership_parts.hpp"
#include "barnabas/group/verdict.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;
using protocol::ErrorCode;
using protocol::ShareGroupHeartbeatRequest;

namespace {

constexpr std::int16_t first_version = 1;  // 0 was an early access
constexpr std::int32_t joining_epoch = 0, leaving_epoch = -1;
constexpr std::int32_t interval_min_ms = 100, interval_max_ms = 600'000;

/// What to do about an error that waiting does not cure; null for those that it may.
const char* hint_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::unsupported_version:
      return "share groups need Kafka 4.2, or 4.1 with the feature share.version=1 (kafka-features.sh upgrade "
             "--feature share.version=1)";
    case ErrorCode::group_id_not_found:
    case ErrorCode::inconsistent_group_protocol:
      return "a group of this name is there and is no share group; choose another group.id, or group.type=consumer";
    case ErrorCode::group_authorization_failed: return "the principal needs READ on the group";
    case ErrorCode::topic_authorization_failed: return "the principal needs DESCRIBE and READ on the topics";
    case ErrorCode::invalid_group_id:
    case ErrorCode::invalid_request: return "the brokers do not take what this member says of itself";
    default: return nullptr;
  }
}

}  // namespace

ShareMembership::ShareMembership(client::Client& client, std::shared_ptr<Life> life, Coordinator& coordinator,
                                 MemberIdentity& member, Owner& owner, std::string rack)
    : client_(client),
      life_(std::move(life)),
      coordinator_(coordinator),
      member_(member),
      owner_(owner),
      rack_(std::move(rack)),
      backoff_(client.options().retry_backoff_ms, client.options().retry_backoff_max_ms) {
  member_.member_id = new_member_id(client.runtime().random());
  member_.generation = joining_epoch;
}

void ShareMembership::report(EventKind kind, Severity severity, std::string text, ErrorCode code) {
  client::Event event(kind, severity, fmt::format("share group {}: {}", member_.group_id, text));
  event.code = code;
  event.count = member_.generation;
  client_.events().on_event(event);
}

Ask ShareMembership::ask_for(std::string attempted, std::int32_t node_id, std::int64_t timeout_ms) const {
  Ask what(client_, life_, attempted + " share group " + member_.group_id);
  what.target = client::Target::node(node_id, client::ConnectionClass::control);
  what.deadline = client_.deadline_in_ms(timeout_ms);
  what.version_floor = first_version;
  return what;
}

void ShareMembership::choose(std::vector<std::string> topics) {
  topics_ = std::move(topics);
  tell_all_ = true;
  next_beat_ = {};
  life_->news.notify_all();
}

asio::awaitable<void> ShareMembership::run() {
  last_answer_ = client_.now();
  while (!life_->stopping && !leaving_) {
    if (topics_.empty()) {
      co_await life_->news.wait();
    } else if (client_.now() < next_beat_) {
      co_await life_->news.wait_until(next_beat_);
    } else {
      co_await beat();
    }
  }
}

asio::awaitable<void> ShareMembership::beat() {
  const std::int32_t epoch = member_.generation;
  if (epoch == joining_epoch) report(EventKind::joining, Severity::info, "joining as " + member_.member_id);
  std::int32_t node_id = -1;
  std::unique_ptr<Answer<Response>> answer;
  std::unique_ptr<Error> failure;
  next_beat_ = client_.now() + std::chrono::milliseconds(interval_ms_);
  const auto sent_topics = topics_;
  beating_ = true;
  try {
    const auto patience = client_.deadline_in_ms(client_.options().request_timeout_ms);
    node_id = co_await coordinator_.find(patience);
    const Ask what =
        ask_for(epoch == joining_epoch ? "join" : "send a heartbeat to", node_id, client_.options().request_timeout_ms);
    answer = co_await send(epoch, what);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  beating_ = false;
  life_->news.notify_all();
  if (life_->stopping || leaving_) co_return;
  if (failure) {
    tell_all_ = true;  // what the coordinator heard is not known
    if (unreachable(*failure)) coordinator_.forget(node_id, failure->cause());
    const bool is_offered = failure->stage() != Error::Stage::version;
    if (hopeless(*failure) || !is_offered) {
      const char* hint = hint_for(is_offered ? failure->code() : ErrorCode::unsupported_version);
      if (hint) failure->hint(hint);
      throw *failure;
    }
    failed(*failure);
    co_return;
  }
  const auto code = static_cast<ErrorCode>(*answer->value.error_code);
  if (code != ErrorCode::none) {
    tell_all_ = true;
    const std::string message(answer->value.error_message->value_or(protocol::string()));
    refused(code, message, answer->peer, node_id);
    co_return;
  }
  tell_all_ = topics_ != sent_topics;
  take(answer->value);
}

asio::awaitable<std::unique_ptr<Answer<ShareMembership::Response>>> ShareMembership::send(std::int32_t epoch,
                                                                                          Ask what) {
  const bool whole = epoch == joining_epoch || (tell_all_ && epoch != leaving_epoch);
  Build<ShareGroupHeartbeatRequest> build = [member = member_, epoch, whole, rack = rack_, names = topics_](
                                                std::int16_t, protocol::Arena& arena) {
    ShareGroupHeartbeatRequest request;
    request.group_id = protocol::string(member.group_id);
    request.member_id = protocol::string(member.member_id);
    request.member_epoch = epoch;
    if (!whole) return request;
    if (!rack.empty()) request.rack_id = protocol::string(rack);
    auto list = arena.make_list<protocol::string>(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) list[i] = protocol::string(names[i]);
    request.subscribed_topic_names = list;
    return request;
  };
  co_return co_await ask<ShareGroupHeartbeatRequest>(what, std::move(build));
}

void ShareMembership::take(const Response& response) {
  backoff_.reset();
  last_answer_ = client_.now();
  interval_ms_ = std::clamp<std::int32_t>(response.heartbeat_interval_ms, interval_min_ms, interval_max_ms);
  next_beat_ = tell_all_ ? runtime::TimePoint{} : client_.now() + std::chrono::milliseconds(interval_ms_);
  const bool was_joining = member_.generation == joining_epoch;
  member_.generation = response.member_epoch;
  std::vector<SharePartitionKey> partitions;
  if (*response.assignment) {
    const auto& topics = *(**response.assignment).topic_partitions;
    for (const auto& topic : topics) {
      for (const std::int32_t partition : *topic.partitions) partitions.emplace_back(topic.topic_id, partition);
    }
  }
  if (was_joining) {
    report(
        EventKind::joined, Severity::info,
        fmt::format("member epoch {} as {}, {} partitions", member_.generation, member_.member_id, partitions.size()));
  }
  if (*response.assignment || was_joining) owner_.assigned(std::move(partitions));
}

void ShareMembership::refused(ErrorCode code, const std::string& message, const std::string& peer,
                              std::int32_t node_id) {
  const bool was_joining = member_.generation == joining_epoch;
  Error error = broker_error(
      code, fmt::format("{} share group {}", was_joining ? "join" : "send a heartbeat to", member_.group_id), peer,
      message);
  const bool is_over = code == ErrorCode::unknown_member_id || code == ErrorCode::fenced_member_epoch ||
                       code == ErrorCode::group_id_not_found;
  if (is_over && !was_joining) {
    lose(error.what());
    return;
  }
  if (const char* hint = hint_for(code)) {
    error.hint(hint);
    throw error;
  }
  if (judge(code) == Verdict::find_coordinator) coordinator_.forget(node_id, error.cause());
  failed(error);
}

void ShareMembership::failed(const Error& error) {
  const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(client_.now() - last_answer_).count();
  const bool was_joining = member_.generation == joining_epoch;
  report(was_joining ? EventKind::joining : EventKind::heartbeat_failed, Severity::warning,
         was_joining ? fmt::format("{}; trying again", error.what())
                     : fmt::format("{}; no heartbeat came through for {} ms", error.what(), silent),
         error.code());
  next_beat_ = std::min(client_.now() + backoff_.next(client_.runtime().random()),
                        client_.now() + std::chrono::milliseconds(interval_ms_));
}

/// The coordinator does not count this member in. Who holds which records is the leaders' business: those in hand may
/// be finished.
void ShareMembership::lose(const std::string& why) {
  member_.generation = joining_epoch;
  next_beat_ = {};
  report(EventKind::lost, Severity::warning, "the membership is over, joining again: " + why);
  owner_.lost();
}

asio::awaitable<void> ShareMembership::leave(runtime::TimePoint deadline) {
  leaving_ = true;
  life_->news.notify_all();
  bool in_time = true;
  while (beating_ && in_time) in_time = co_await life_->news.wait_until(deadline);
  if (member_.generation == joining_epoch) co_return;
  std::unique_ptr<Error> failure;
  try {
    const std::int32_t node_id = co_await coordinator_.find(deadline, true);
    Ask what = ask_for("leave", node_id, 0);
    what.deadline = deadline;
    what.when_stopping = true;
    const auto answer = co_await send(leaving_epoch, what);
    const auto code = static_cast<ErrorCode>(*answer->value.error_code);
    if (code != ErrorCode::none) throw broker_error(code, "leave share group " + member_.group_id, answer->peer);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    report(EventKind::left, Severity::warning,
           fmt::format("{}; the coordinator finds out when no heartbeat comes", failure->what()), failure->code());
  } else {
    report(EventKind::left, Severity::info, "left the group");
  }
  member_.generation = joining_epoch;
}

}  // namespace barnabas::group
