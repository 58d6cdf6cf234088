// ConsumerGroupHeartbeat: what is told, and what its answers mean.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "barnabas/group/membership_parts.hpp"
#include "barnabas/group/next_generation.hpp"

namespace barnabas::group {

using client::EventKind;
using client::Severity;
using protocol::ErrorCode;

namespace {

constexpr std::int32_t joining_epoch = 0;
constexpr std::int32_t leaving_epoch = -1;
constexpr std::int32_t static_leaving_epoch = -2;
constexpr std::int16_t first_with_pattern = 1;
constexpr std::int64_t answer_timeout_max_ms = 15'000;  // a third of the broker's session timeout
/// A process that was killed keeps its group.instance.id for as long as its session lasts.
constexpr auto unreleased_max = std::chrono::seconds(60);

Error not_spoken(const Error& error, const std::string& group_id) {
  Error clear(Error::Stage::config, fmt::format("join group {} by the consumer protocol (KIP-848)", group_id),
              error.with(), error.cause());
  clear.code(error.code());
  return clear.hint(
      "it needs Kafka 4.0, or 3.7 with group.coordinator.rebalance.protocols=classic,consumer, and a group of this "
      "kind; group.protocol=classic does without, auto takes what there is");
}

}  // namespace

asio::awaitable<void> NextGeneration::heartbeat_loop() {
  while (!life_->stopping && !over_) {
    if (!may_send()) {
      co_await life_->news.wait();
    } else if (client_.now() < next_heartbeat_) {
      co_await life_->news.wait_until(next_heartbeat_);
    } else {
      co_await heartbeat();
    }
  }
}

bool NextGeneration::may_send() const {
  if (joined()) return true;
  const bool wants_something = !topics_.empty() || (pattern_ && version_ != 0);
  return alive() && !lost_ && wants_something;
}

asio::awaitable<void> NextGeneration::heartbeat() {
  next_heartbeat_ = client_.now() + interval_;
  std::int32_t node_id = -1;
  std::shared_ptr<const Sent> sent;
  std::unique_ptr<Answer<Response>> answer;
  std::unique_ptr<Error> failure;
  runtime::TimePoint sent_at = client_.now();
  try {
    node_id = co_await coordinator_.find(client_.now() + interval_);
    if (over_ || !may_send()) co_return;
    sent = what_to_send();
    sent_at = client_.now();
    unanswered_since_ = std::min(unanswered_since_, sent_at);
    if (!joined()) report(EventKind::joining, Severity::info, "joining by the consumer protocol");
    known_ = true;
    Ask what(client_, life_, (joined() ? "send a heartbeat to group " : "join group ") + member_.group_id);
    what.target = client::Target::node(node_id);
    what.deadline =
        client_.deadline_in_ms(std::min<std::int64_t>(client_.options().request_timeout_ms, answer_timeout_max_ms));
    Build<Request> build = builder(sent);
    answer = co_await ask<Request>(what, std::move(build));
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  // What was said to who this member was, or came after its goodbye, is no news.
  if (life_->stopping || over_ || (sent && sent->as != member_)) co_return;
  if (!failure) {
    take_answer(*sent, *answer, node_id, sent_at);
    co_return;
  }
  all_ = true;
  if (failure->stage() == Error::Stage::version && !ever_joined_) {
    refused_protocol_ = true;
    stop_for(not_spoken(*failure, member_.group_id));
  } else if (hopeless(*failure)) {
    stop_for(*failure);
  } else {
    if (unreachable(*failure)) coordinator_.forget(node_id, failure->cause());
    heartbeat_failed(*failure);
  }
}

// ---- requests ----

/// Partitions that were given and have not been taken yet count as owned: they may be taken while this is on its way.
std::shared_ptr<const NextGeneration::Sent> NextGeneration::what_to_send() const {
  const auto sent = std::make_shared<Sent>();
  sent->as = member_;
  sent->epoch = joined() ? member_.generation : begin_anew_ ? leaving_epoch : joining_epoch;
  sent->all = all_ || !joined();
  sent->known = told_;
  sent->told.topics = topics_;
  sent->told.partitions = target_;
  for (const auto& [partition, name] : owned_) sent->told.partitions.insert(partition);
  return sent;
}

NextGeneration::Request NextGeneration::make(const Sent& sent, const GroupOptions& options, const std::string& rack,
                                             const std::optional<std::string>& pattern, std::int16_t version,
                                             protocol::Arena& arena) {
  Request request;
  request.group_id = protocol::string(sent.as.group_id);
  request.member_id = protocol::string(sent.as.member_id);
  request.member_epoch = sent.epoch;
  if (!sent.as.group_instance_id.empty()) request.instance_id = protocol::string(sent.as.group_instance_id);
  if (sent.epoch < joining_epoch) return request;
  const bool server_chooses = pattern && version >= first_with_pattern;
  if (sent.all) {
    if (!rack.empty()) request.rack_id = protocol::string(rack);
    request.rebalance_timeout_ms = options.rebalance_timeout_ms;
    if (!options.remote_assignor.empty()) request.server_assignor = protocol::string(options.remote_assignor);
    if (server_chooses) request.subscribed_topic_regex = protocol::string(*pattern);
  }
  if (sent.all || (sent.told.topics != sent.known.topics && !server_chooses)) {
    auto names = arena.make_list<protocol::string>(server_chooses ? 0 : sent.told.topics.size());
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = protocol::string(sent.told.topics[i]);
    request.subscribed_topic_names = names;
  }
  if (!sent.all && sent.told.partitions == sent.known.partitions) return request;
  std::map<protocol::Uuid, std::vector<std::int32_t>> owned;
  for (const auto& [topic, partition] : sent.told.partitions) owned[topic].push_back(partition);
  auto topics = arena.make_list<Request::TopicPartitions>(owned.size());
  auto* topic = topics.begin();
  for (const auto& [id, partitions] : owned) {
    auto numbers = arena.make_list<protocol::int32>(partitions.size());
    std::ranges::copy(partitions, numbers.begin());
    topic->topic_id = id;
    topic->partitions = numbers;
    ++topic;
  }
  request.topic_partitions = topics;
  return request;
}

Build<NextGeneration::Request> NextGeneration::builder(std::shared_ptr<const Sent> sent) const {
  return [sent, options = options_, rack = rack_, pattern = pattern_](std::int16_t version, protocol::Arena& arena) {
    return make(*sent, options, rack, pattern, version, arena);
  };
}

// ---- answers ----

void NextGeneration::take_answer(const Sent& sent, const Answer<Response>& answer, std::int32_t node_id,
                                 runtime::TimePoint sent_at) {
  version_ = answer.version;
  const auto code = static_cast<ErrorCode>(*answer->error_code);
  if (sent.epoch == leaving_epoch) {  // of the member that this one was before
    begin_anew_ = false;
    changed();
  } else if (code == ErrorCode::none) {
    take_good_answer(sent, answer.value, sent_at);
  } else {
    all_ = true;
    const std::string_view message = answer->error_message->value_or(protocol::string());
    take_refusal(
        sent,
        broker_error(code,
                     (sent.epoch == joining_epoch ? "join group " : "send a heartbeat to group ") + member_.group_id,
                     answer.peer, message),
        node_id);
  }
}

void NextGeneration::take_good_answer(const Sent& sent, const Response& answer, runtime::TimePoint sent_at) {
  heartbeat_backoff_.reset();
  unreleased_since_.reset();
  answered_at_ = sent_at;
  unanswered_since_ = runtime::never;
  if (answer.heartbeat_interval_ms > 0) interval_ = std::chrono::milliseconds(answer.heartbeat_interval_ms);
  next_heartbeat_ = std::min(next_heartbeat_, sent_at + interval_);
  if (answer.member_id->has_value() && !(*answer.member_id)->empty()) member_.member_id = **answer.member_id;
  member_.generation = answer.member_epoch;
  member_.has_epoch = ever_joined_ = true;
  told_ = sent.told;
  all_ = false;
  if (!std::exchange(valid_, true)) settled_ = false;
  if (answer.assignment->has_value()) {
    Partitions target;
    for (const auto& topic : *(*answer.assignment)->topic_partitions) {
      for (const auto partition : *topic.partitions) target.emplace(topic.topic_id, partition);
    }
    if (target != target_) settled_ = false;
    target_ = std::move(target);
  }
  const auto next = what_to_send();
  if (next->told.partitions != told_.partitions || topics_ != told_.topics) changed();
  life_->news.notify_all();
}

void NextGeneration::take_refusal(const Sent& sent, const Error& error, std::int32_t node_id) {
  const bool joining = sent.epoch == joining_epoch;
  switch (error.code()) {
    case ErrorCode::unknown_member_id:
    case ErrorCode::fenced_member_epoch:
      if (!joining) return lose(error.what());
      begin_anew_ = error.code() == ErrorCode::fenced_member_epoch;  // Kafka 4.0: KAFKA-19233
      break;
    case ErrorCode::group_id_not_found:
      if (!joining) return lose(error.what());
      [[fallthrough]];
    case ErrorCode::inconsistent_group_protocol:
    case ErrorCode::unsupported_version:
      if (!joining || (error.code() == ErrorCode::unsupported_version && ever_joined_)) break;
      refused_protocol_ = true;
      return stop_for(not_spoken(error, member_.group_id));
    case ErrorCode::unreleased_instance_id: return refused_instance(error);
    case ErrorCode::topic_authorization_failed: return stop_for(error);
    default:
      if (hopeless(error)) return stop_for(error);
  }
  if (judge(error.code()) == Verdict::find_coordinator) coordinator_.forget(node_id, error.cause());
  heartbeat_failed(error);
}

/// Whoever held the name may have been killed a moment ago.
void NextGeneration::refused_instance(const Error& error) {
  if (!unreleased_since_) unreleased_since_ = client_.now();
  if (client_.now() - *unreleased_since_ < unreleased_max) return heartbeat_failed(error);
  Error taken(Error::Stage::broker, error.attempted(), error.with(), error.cause());
  taken.code(error.code());
  stop_for(taken.hint(
      fmt::format("another process uses group.instance.id {}; each needs its own", member_.group_instance_id)));
}

void NextGeneration::heartbeat_failed(const Error& error) {
  std::string text = error.what();
  if (joined()) {
    const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(client_.now() - answered_at_);
    text += fmt::format("; no heartbeat came through for {} ms", silent.count());
  } else {
    text += "; trying again";
  }
  report(joined() ? EventKind::heartbeat_failed : EventKind::joining, Severity::warning, std::move(text), error.code());
  next_heartbeat_ = std::min(next_heartbeat_, client_.now() + heartbeat_backoff_.next(client_.runtime().random()));
}

asio::awaitable<void> NextGeneration::leave(runtime::TimePoint deadline) {
  over_ = true;
  life_->news.notify_all();
  if (!known_ || client_.now() >= deadline) co_return;
  Ask what(client_, life_, "leave group " + member_.group_id);
  what.deadline = deadline;
  what.when_stopping = true;
  const auto goodbye = std::make_shared<Sent>();
  goodbye->as = member_;
  goodbye->epoch = member_.group_instance_id.empty() ? leaving_epoch : static_leaving_epoch;
  std::unique_ptr<Error> failure;
  try {
    const std::int32_t node_id = co_await coordinator_.find(deadline);
    what.target = client::Target::node(node_id);
    Build<Request> build = builder(goodbye);
    const auto answer = co_await ask<Request>(what, std::move(build));
    const auto code = static_cast<ErrorCode>(*answer->value.error_code);
    const bool gone = code == ErrorCode::unknown_member_id || code == ErrorCode::group_id_not_found;
    if (code != ErrorCode::none && !gone) throw broker_error(code, what.attempted, answer->peer);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  report_left(client_, member_, failure.get(), member_.group_instance_id.empty() ? "left" : "left for a while");
  valid_ = false;
}

}  // namespace barnabas::group
