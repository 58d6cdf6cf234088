#include "barnabas/group/classic.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "barnabas/group/assignors/subscription.hpp"
#include "barnabas/group/membership_parts.hpp"
#include "barnabas/protocol/messages/leave_group.hpp"

namespace barnabas::group {

using client::ConnectionClass;
using client::EventKind;
using client::Severity;
using client::TopicPartition;
using protocol::ErrorCode;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

constexpr auto topics_wait = std::chrono::seconds(5);
constexpr auto watch_interval = std::chrono::seconds(1);
constexpr int idle_heartbeats = 10;
constexpr auto first_cooperative_heartbeat = std::chrono::milliseconds(500);
/// The coordinator answers when the slowest member has come; this much later it is taken for dead.
constexpr std::int64_t join_margin_ms = 5'000;
constexpr std::size_t reason_bytes_max = 255;

}  // namespace

Classic::Classic(MembershipContext context)
    : client_(context.client),
      life_(std::move(context.life)),
      tasks_(context.tasks),
      coordinator_(context.coordinator),
      member_(context.member),
      owner_(context.owner),
      options_(context.options),
      rack_(std::move(context.rack)),
      topics_(std::move(context.topics)),
      leader_(client_, life_),
      heartbeat_backoff_(client_.options().retry_backoff_ms, client_.options().retry_backoff_max_ms) {}

void Classic::report(EventKind kind, Severity severity, const std::string& text, ErrorCode code) {
  group::report(client_, member_, kind, severity, text, code);
}

Ask Classic::ask_for(std::string attempted, std::int32_t node_id, ConnectionClass connection, std::int64_t timeout_ms) {
  Ask what(client_, life_, attempted + " group " + member_.group_id);
  what.target = client::Target::node(node_id, connection);
  what.deadline = client_.deadline_in_ms(timeout_ms);
  return what;
}

asio::awaitable<void> Classic::run() {
  tasks_.spawn("heartbeat", heartbeat_loop());
  tasks_.spawn("guard partitions", guard_loop());
  client::Backoff backoff(client_.options().retry_backoff_ms, client_.options().retry_backoff_max_ms);
  while (alive()) {
    std::unique_ptr<Error> failure;
    try {
      co_await join();
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    drop_lost();
    if (!alive()) break;
    if (failure) {
      if (hopeless(*failure)) throw *failure;
      const auto pause = backoff.next(client_.runtime().random());
      report(EventKind::joining, Severity::warning, fmt::format("{}; trying again", failure->what()), failure->code());
      const auto again = client_.now() + pause;
      // A commit may be told meanwhile that the membership is over.
      while (alive() && client_.now() < again) {
        co_await life_->news.wait_until(again);
        drop_lost();
      }
      continue;
    }
    backoff.reset();
    co_await take_assignment();
    co_await until_rejoin();
    if (alive() || lost_) co_await give_up_partitions();
  }
}

void Classic::choose(std::vector<std::string> topics) {
  topics_ = std::move(topics);
  rejoin("the topics that the subscription matches have changed");
}

void Classic::rejoin(const std::string& reason) {
  if (rejoin_wanted_ || !valid_) return;
  rejoin_wanted_ = true;
  reason_ = reason;
  rejoin_since_ = client_.now();
  life_->news.notify_all();
}

void Classic::halt() {
  halted_ = true;
  life_->news.notify_all();
}

void Classic::commit_refused(Verdict verdict, const Error& error) {
  if (verdict == Verdict::rejoin) {
    rejoin("a commit met a rebalance");
  } else {
    lose(verdict, error.what());
  }
}

void Classic::lose(Verdict verdict, const std::string& why) {
  if (verdict == Verdict::new_member) member_.member_id.clear();
  member_.generation = -1;
  heartbeating_ = false;
  const bool had_partitions = !owned_.empty();
  if (std::exchange(valid_, false) || had_partitions) {
    lost_ = true;
    rejoin_wanted_ = true;
    reason_ = "the membership was lost";
    rejoin_since_ = client_.now();
    report(EventKind::lost, Severity::warning, "the membership is over: " + why);
  }
  life_->news.notify_all();
}

void Classic::refused(ErrorCode code, const std::string& attempted, const std::string& peer, std::int32_t node_id) {
  Error error = broker_error(code, attempted, peer);
  const Verdict verdict = judge(code);
  if (verdict == Verdict::find_coordinator) coordinator_.forget(node_id, error.cause());
  if (verdict == Verdict::new_member || verdict == Verdict::new_generation) lose(verdict, error.what());
  throw error;
}

void Classic::unreachable_at(std::int32_t node_id, const Error& error) {
  if (!life_->stopping && unreachable(error)) coordinator_.forget(node_id, error.cause());
}

asio::awaitable<void> Classic::join() {
  std::exception_ptr failure;
  joining_ = true;
  life_->news.notify_all();
  try {
    asio::awaitable<void> talk = join_and_sync();
    co_await talk_alone(life_, runtime::never, std::move(talk));
  } catch (...) {
    failure = std::current_exception();
  }
  joining_ = false;
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Classic::join_and_sync() {
  if (!alive()) co_return;
  heartbeating_ = valid_ = rejoin_wanted_ = lost_ = false;
  const std::int32_t node_id = co_await coordinator_.find(runtime::never);
  report(EventKind::joining, Severity::info, "joining: " + reason_);

  const bool as_stranger = member_.member_id.empty();
  auto joined = co_await send_join(node_id);
  if (static_cast<ErrorCode>(*joined->value.error_code) == ErrorCode::member_id_required) {
    member_.member_id = std::string(*joined->value.member_id);
    joined = co_await send_join(node_id);
  }
  const ErrorCode code = static_cast<ErrorCode>(*joined->value.error_code);
  if (code != ErrorCode::none) refused(code, "join group " + member_.group_id, joined->peer, node_id);

  member_.member_id = std::string(*joined->value.member_id);
  member_.generation = joined->value.generation_id;
  valid_ = heartbeating_ = true;
  last_heartbeat_ = client_.now();
  next_heartbeat_ = last_heartbeat_ + heartbeat_interval();
  heartbeat_backoff_.reset();
  life_->news.notify_all();

  std::string protocol_name(joined->value.protocol_name->value_or(protocol::string()));
  const Assignor* chosen = find_assignor(protocol_name);
  cooperative_ = chosen && chosen->cooperative();
  if (!cooperative_ && !owned_.empty()) {
    // The others may have these partitions as soon as the leader has divided them.
    lost_ = true;
    drop_lost();
  }
  came_back_ = cooperative_ && !member_.group_instance_id.empty() && as_stranger;
  const bool leads = *joined->value.leader == protocol::string(member_.member_id);
  Assignments assignments;
  if (leads) {
    assignments = co_await divide(joined->value, protocol_name);
  } else {
    leader_.resign();
  }
  co_await sync(node_id, std::move(protocol_name), std::move(assignments));
  if (topics_ != joined_topics_) rejoin("the topics that the subscription matches have changed meanwhile");
  // What moves is nobody's until the next generation, which the members learn of by a heartbeat.
  if (cooperative_) next_heartbeat_ = std::min(next_heartbeat_, client_.now() + first_cooperative_heartbeat);
  stable_since_ = client_.now();
  idle_told_ = false;
  report(EventKind::joined, Severity::info,
         fmt::format("generation {} as {}{}, {} partitions", member_.generation, member_.member_id,
                     leads ? ", leading" : "", assignment_.size()));
}

asio::awaitable<std::unique_ptr<Answer<JoinGroupResponse>>> Classic::send_join(std::int32_t node_id) {
  const auto timeout_ms =
      std::max<std::int64_t>(client_.options().request_timeout_ms, options_.rebalance_timeout_ms + join_margin_ms);
  const Ask what = ask_for("join", node_id, ConnectionClass::group, timeout_ms);
  std::vector<std::pair<std::string, std::string>> offers;  // assignor, subscription
  joined_topics_ = topics_;
  for (const std::string& name : options_.assignors) {
    const Assignor* assignor = find_assignor(name);
    MemberSubscription self;
    self.topics = topics_;
    self.owned_partitions = owned_;
    self.generation = member_.generation;
    self.rack = rack_;
    self.user_data = assignor->user_data(assignment_, assignment_generation_);
    offers.emplace_back(assignor->name(), encode_subscription(self));
  }
  Build<JoinGroupRequest> build = [member = member_, options = options_, reason = reason_.substr(0, reason_bytes_max),
                                   offers = std::move(offers)](std::int16_t, protocol::Arena& arena) {
    JoinGroupRequest request;
    request.group_id = protocol::string(member.group_id);
    request.session_timeout_ms = options.session_timeout_ms;
    request.rebalance_timeout_ms = options.rebalance_timeout_ms;
    request.member_id = protocol::string(member.member_id);
    if (!member.group_instance_id.empty()) request.group_instance_id = protocol::string(member.group_instance_id);
    request.protocol_type = protocol::string("consumer");
    auto protocols = arena.make_list<JoinGroupRequest::Protocol>(offers.size());
    for (std::size_t i = 0; i < protocols.size(); ++i) {
      protocols[i].name = protocol::string(offers[i].first);
      protocols[i].metadata = protocol::bytes(offers[i].second);
    }
    request.protocols = protocols;
    request.reason = protocol::string(reason);
    return request;
  };
  std::unique_ptr<Error> failure;
  try {
    co_return co_await ask<JoinGroupRequest>(what, std::move(build));
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  unreachable_at(node_id, *failure);
  throw *failure;
}

asio::awaitable<Assignments> Classic::divide(const JoinGroupResponse& joined, const std::string& protocol_name) {
  const Assignor* assignor = find_assignor(protocol_name);
  if (!assignor) {
    throw Error(Error::Stage::config, "lead group " + member_.group_id, "",
                "the members agreed on the assignor " + protocol_name + ", which this client does not have")
        .hint("it has " + assignor_names());
  }
  std::vector<MemberSubscription> members;
  for (const auto& joined_member : joined.members) {
    MemberSubscription member;
    member.member_id = std::string(*joined_member.member_id);
    if (joined_member.group_instance_id) member.group_instance_id = std::string(**joined_member.group_instance_id);
    const auto read = decode_subscription(joined_member.metadata, member);
    if (!read) {
      report(EventKind::joining, Severity::error,
             fmt::format("the subscription of member {} makes no sense, it gets nothing: {}", member.member_id,
                         read.error()));
    }
    members.push_back(std::move(member));
  }
  const auto wait =
      std::min<runtime::Duration>(topics_wait, std::chrono::milliseconds(options_.session_timeout_ms / 3));
  co_await leader_.learn_topics(members, client_.now() + wait);
  assignment_kept_ = joined.skip_assignment;
  Assignments assignments;
  if (assignment_kept_) {
    leader_.keep_assignment();
  } else {
    assignments = co_await leader_.divide(*assignor, std::move(members));
  }
  co_return assignments;
}

asio::awaitable<void> Classic::sync(std::int32_t node_id, std::string protocol_name, Assignments assignments) {
  const Ask what = ask_for("sync", node_id, ConnectionClass::group, options_.rebalance_timeout_ms + join_margin_ms);
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [member_id, partitions] : assignments)
    encoded.emplace_back(member_id, encode_assignment(partitions));
  Build<SyncGroupRequest> build = [member = member_, protocol_name, encoded = std::move(encoded)](
                                      std::int16_t, protocol::Arena& arena) {
    SyncGroupRequest request;
    request.group_id = protocol::string(member.group_id);
    request.generation_id = member.generation;
    request.member_id = protocol::string(member.member_id);
    if (!member.group_instance_id.empty()) request.group_instance_id = protocol::string(member.group_instance_id);
    request.protocol_type = protocol::string("consumer");
    request.protocol_name = protocol::string(protocol_name);
    auto list = arena.make_list<SyncGroupRequest::Assignment>(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      list[i].member_id = protocol::string(encoded[i].first);
      list[i].assignment = protocol::bytes(encoded[i].second);
    }
    request.assignments = list;
    return request;
  };
  std::unique_ptr<Answer<SyncGroupResponse>> answer;
  std::unique_ptr<Error> failure;
  counted_in_at_ = answered_at_ = client_.now();
  try {
    answer = co_await ask<SyncGroupRequest>(what, std::move(build));
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  if (failure) {
    unreachable_at(node_id, *failure);
    throw *failure;
  }
  const ErrorCode code = static_cast<ErrorCode>(*answer->value.error_code);
  if (code != ErrorCode::none) refused(code, what.attempted, answer->peer, node_id);
  auto assignment = decode_assignment(answer->value.assignment);
  if (!assignment) {
    throw Error(Error::Stage::protocol, what.attempted, answer->peer,
                "the assignment that the leader made cannot be read: " + assignment.error());
  }
  assignment_ = *std::move(assignment);
  assignment_generation_ = member_.generation;
}

/// What is no longer this member's goes first; then what is new comes. The rest goes on as if nothing had happened.
asio::awaitable<void> Classic::take_assignment() {
  std::vector<TopicPartition> gone, added;
  std::ranges::set_difference(owned_, assignment_, std::back_inserter(gone));
  std::ranges::set_difference(assignment_, owned_, std::back_inserter(added));
  if (!gone.empty()) {
    rejoin_since_ = client_.now();
    co_await give_up(gone);
    if (lost_ || !valid_ || !alive()) co_return;
  }
  owned_ = assignment_;
  owner_.assigned(std::move(added));
  life_->news.notify_all();
  if (!gone.empty()) {
    rejoin("partitions were given up, so that others can have them");
  } else if (std::exchange(came_back_, false)) {
    // A static member that was killed between giving partitions up and joining again is handed its old assignment, and
    // nobody else asks for the division that would give the rest to others.
    rejoin("a static member came back, and may have owed the group a rebalance");
  }
}

asio::awaitable<void> Classic::until_rejoin() {
  while (alive() && !rejoin_wanted_) {
    if (const auto why = leader_.why_again()) {
      rejoin(*why);
      break;
    }
    if (client_.now() >= held_until()) {
      lose(Verdict::new_generation, "no answer from the coordinator for so long that others may have these partitions");
      break;
    }
    check_idle();
    if (!rejoin_wanted_) co_await life_->news.wait_until(std::min(held_until(), client_.now() + watch_interval));
  }
}

void Classic::check_idle() {
  const auto limit = std::chrono::milliseconds(options_.heartbeat_interval_ms) * idle_heartbeats;
  if (idle_told_ || !assignment_.empty() || client_.now() - stable_since_ < limit) return;
  idle_told_ = true;
  const bool topics_exist = report_idle(client_, member_, topics_);
  if (topics_exist && leader_.leading() && assignment_kept_) {
    rejoin("the leader came back to an assignment that gives it nothing");
  }
}

/// Before the next join: everything, or, where members keep what they have, only what is no longer wanted.
asio::awaitable<void> Classic::give_up_partitions() {
  std::vector<TopicPartition> leaving;
  std::ranges::copy_if(owned_, std::back_inserter(leaving), [this](const TopicPartition& partition) {
    return !cooperative_ || std::ranges::find(topics_, partition.topic) == topics_.end();
  });
  if (!lost_) co_await give_up(std::move(leaving));
  drop_lost();
}

asio::awaitable<void> Classic::give_up(std::vector<TopicPartition> partitions) {
  const GiveUpDeadlines until = give_up_deadlines(options_, rejoin_since_, held_until());
  co_await owner_.revoke(partitions, until.drain, until.commit);
  if (lost_) co_return;
  std::erase_if(owned_, [&](const auto& owned) { return std::ranges::find(partitions, owned) != partitions.end(); });
}

void Classic::drop_lost() {
  if (!std::exchange(lost_, false)) return;
  owned_.clear();
  owner_.lost("the coordinator no longer counts this member in, or may not");
}

/// Partitions that are kept while the group divides anew are kept no longer than they are surely this member's.
asio::awaitable<void> Classic::guard_loop() {
  while (!life_->stopping) {
    if (!joining_ || owned_.empty()) {
      co_await life_->news.wait();
    } else if (client_.now() < held_until()) {
      co_await life_->news.wait_until(held_until());
    } else {
      lose(Verdict::new_generation, "the rebalance took so long that others may have these partitions");
      drop_lost();
    }
  }
}

asio::awaitable<void> Classic::leave(runtime::TimePoint deadline) {
  heartbeating_ = false;
  leader_.resign();
  if (member_.member_id.empty() || !member_.group_instance_id.empty() || client_.now() >= deadline) co_return;
  Ask what(client_, life_, "leave group " + member_.group_id);
  what.deadline = deadline;
  what.when_stopping = true;
  std::unique_ptr<Error> failure;
  try {
    const std::int32_t node_id = co_await coordinator_.find(deadline);
    what.target = client::Target::node(node_id);
    Build<LeaveGroupRequest> build = [member = member_](std::int16_t version, protocol::Arena& arena) {
      LeaveGroupRequest request;
      request.group_id = protocol::string(member.group_id);
      if (version < 3) {
        request.member_id = protocol::string(member.member_id);
        return request;
      }
      auto members = arena.make_list<LeaveGroupRequest::Member>(1);
      members[0].member_id = protocol::string(member.member_id);
      members[0].reason = protocol::string("the consumer is closing");
      request.members = members;
      return request;
    };
    const auto answer = co_await ask<LeaveGroupRequest>(what, std::move(build));
    const ErrorCode code = static_cast<ErrorCode>(*answer->value.error_code);
    if (code != ErrorCode::none) throw broker_error(code, what.attempted, answer->peer);
  } catch (const Error& error) {
    failure = std::make_unique<Error>(error);
  }
  report_left(client_, member_, failure.get(), "left");
  valid_ = false;
}

}  // namespace barnabas::group
