#include "barnabas/group/share/leader_loop.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "barnabas/group/verdict.hpp"

namespace barnabas::group {

using client::Event;
using client::EventKind;
using client::Severity;
using protocol::ErrorCode;
using protocol::ShareAcknowledgeRequest;
using protocol::ShareAcknowledgeResponse;
using protocol::ShareFetchRequest;
using protocol::ShareFetchResponse;

namespace {

/// Version 0 was an early access of Kafka 4.0 that says no lock timeout.
constexpr std::int16_t first_version = 1, first_version_with_renewals = 2;
constexpr std::int32_t default_lock_timeout_ms = 30'000;
/// While records are under way, what is finished should not wait for the end of a long poll.
constexpr std::int32_t busy_wait_ms = 100;
constexpr std::int32_t reserve_bytes = 64 << 10;
constexpr int failures_doublings_max = 6;

template <class Request>
client::RequestRef ref_of(const Request& request) {
  client::RequestRef ref = client::RequestRef::of(request);
  ref.version_min = std::max(ref.version_min, first_version);
  return ref;
}

bool leader_is_another(ErrorCode error) {
  return error == ErrorCode::not_leader_or_follower || error == ErrorCode::fenced_leader_epoch;
}

}  // namespace

ShareLeaderLoop::ShareLeaderLoop(ShareContext& context, std::int32_t node_id)
    : context_(context),
      node_id_(node_id),
      wakeup_(context.client.runtime().clock()),
      backoff_(context.client.options().retry_backoff_ms, context.client.options().retry_backoff_max_ms) {}

Event ShareLeaderLoop::event(EventKind kind, Severity severity, std::string text) const {
  Event event(kind, severity, std::move(text));
  event.node_id = node_id_;
  return event;
}

Event ShareLeaderLoop::event(EventKind kind, Severity severity, const ShareLane& lane, std::string text) const {
  Event told = event(kind, severity, lane.partition().text() + ": " + std::move(text));
  told.topic = lane.partition().topic;
  told.partition = lane.partition().partition;
  return told;
}

void ShareLeaderLoop::abort() {
  aborted_ = true;
  Error closing(Error::Stage::closed, "fetch for a share group", context_.client.describe(node_id_),
                "the consumer ends");
  if (connection_) connection_->close(closing);
  context_.client.interrupt(node_id_, client::ConnectionClass::fetch);
  wakeup_.set();
}

ShareLeaderLoop::Lanes ShareLeaderLoop::lanes_here() const {
  Lanes here;
  std::ranges::copy_if(context_.lanes, std::back_inserter(here),
                       [&](const auto& lane) { return lane->leader_id == node_id_; });
  return here;
}

bool ShareLeaderLoop::can_renew() const {
  constexpr auto key = static_cast<std::int16_t>(protocol::ApiKey::share_acknowledge);
  return context_.client.version_for(node_id_, key, first_version, first_version_with_renewals) >=
         first_version_with_renewals;
}

bool ShareLeaderLoop::wants(const ShareLane& lane, runtime::TimePoint now) const {
  return context_.is_member && !context_.ending && now >= lane.not_before &&
         lane.wants_more(context_.options.group.max_poll_records);
}

std::int32_t ShareLeaderLoop::affordable_bytes() const {
  const client::BlockPool& pool = context_.client.pool();
  const std::int64_t room = pool.bytes_max() - pool.used();
  const std::int64_t bytes_max = context_.options.fetch.max_bytes;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(room, std::min<std::int64_t>(reserve_bytes, bytes_max), bytes_max));
}

ShareLeaderLoop::Kind ShareLeaderLoop::what_to_do(runtime::TimePoint now, runtime::TimePoint& next_try) const {
  if (context_.ending && !session_.open()) return Kind::nothing;
  if (context_.ending) return alone_.empty() ? Kind::close : Kind::acknowledge;
  if (now < not_before_) {
    next_try = not_before_;
    return Kind::nothing;
  }
  const bool renews = session_.open() && can_renew();
  bool fetches = false, says = !alone_.empty();
  next_try = runtime::never;
  for (const auto& lane : lanes_here()) {
    if (renews && lane->renewal_due(now)) return Kind::renew;
    fetches = fetches || wants(*lane, now);
    says = says || !lane->to_say().empty();
    next_try = std::min(next_try, lane->next_timer(renews));
    if (lane->not_before > now) next_try = std::min(next_try, lane->not_before);
  }
  if (fetches) return Kind::fetch;
  return says && session_.open() ? Kind::acknowledge : Kind::nothing;
}

asio::awaitable<void> ShareLeaderLoop::run() {
  client::Client& client = context_.client;
  while (!aborted_) {
    if (connection_ && connection_->closed()) take_over(nullptr);
    for (const auto& lane : lanes_here()) {
      lane->expire(client.now());
      if (!session_.open()) lane->to_say().clear();  // whom it was said about is nobody's to this leader
    }
    runtime::TimePoint next_try = runtime::never;
    const Kind kind = what_to_do(client.now(), next_try);
    if (kind == Kind::nothing) {
      if (context_.ending) break;
      co_await wakeup_.wait_until(next_try);
      continue;
    }
    std::unique_ptr<Error> failure;
    client::Reply reply;
    try {
      reply = co_await exchange(kind);
      if (reply.version < 0) continue;
      kind == Kind::fetch ? process_fetch(reply) : process_acknowledge(reply, kind);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    if (failure) failed(*failure);
    if (kind == Kind::close) break;
  }
  session_.reset();
}

/// Without a reply when there is nothing to be said any more, once the connection is there.
asio::awaitable<client::Reply> ShareLeaderLoop::exchange(Kind kind) {
  const auto target = client::Target::node(node_id_, client::ConnectionClass::fetch);
  const auto deadline = context_.client.deadline_in_ms(std::int64_t{context_.options.fetch.max_wait_ms} +
                                                       context_.client.options().request_timeout_ms);
  auto connection = co_await context_.client.connection(target, deadline);
  take_over(std::move(connection));
  if (kind != Kind::fetch && !session_.open()) co_return client::Reply();
  if (kind != Kind::fetch) co_return co_await acknowledge(kind, deadline);
  co_return co_await fetch(deadline);
}

/// Brokers end a session with its connection, and give back what it holds.
void ShareLeaderLoop::take_over(std::shared_ptr<client::Connection> connection) {
  if (connection == connection_) return;
  if (connection_ && session_.open()) lose_session("the connection to the leader was lost", Severity::warning);
  connection_ = std::move(connection);
}

void ShareLeaderLoop::lose_session(const std::string& why, Severity severity) {
  session_.reset();
  std::ranges::move(std::exchange(alone_, {}), std::back_inserter(sent_));
  forget_sent();
  for (const auto& lane : lanes_here()) lane->lose(why, severity);
}

/// What was said in the request under way may have been heard or not.
void ShareLeaderLoop::forget_sent() {
  for (const Sent& sent : std::exchange(sent_, {})) {
    std::int64_t offsets = 0;
    for (const auto& range : sent.ranges) offsets += range.next - range.first;
    if (sent.ranges.empty() || sent.ranges.front().type == AcknowledgeType::renew) continue;
    Event told = event(EventKind::acknowledge_failed, Severity::warning, *sent.lane,
                       fmt::format("it is not known whether {} heard that {} records from offset {} on are finished; "
                                   "if not, they are delivered again",
                                   context_.client.describe(node_id_), offsets, sent.ranges.front().first));
    told.offset = sent.ranges.front().first;
    told.count = offsets;
    context_.client.events().on_event(told);
  }
}

std::vector<ShareSaying> ShareLeaderLoop::gather(Kind kind) {
  std::vector<ShareSaying> said;
  sent_.clear();
  if (!session_.open()) return said;
  const auto now = context_.client.now();
  const auto is_said = [&](const auto& lane) {
    // One that comes again while its older one leaves has a lane of its own.
    return std::ranges::any_of(sent_, [&](const Sent& sent) { return sent.lane->partition() == lane->partition(); });
  };
  for (auto at = alone_.begin(); kind != Kind::renew && at != alone_.end();) {
    if (is_said(at->lane)) {
      ++at;
      continue;
    }
    said.push_back({{at->lane->topic_id(), at->lane->partition().partition}, at->ranges});
    sent_.push_back(std::move(*at));
    at = alone_.erase(at);
  }
  for (const auto& lane : lanes_here()) {
    if (is_said(lane)) continue;
    Acknowledgements renewals = kind == Kind::renew ? lane->renewals(now) : Acknowledgements();
    auto ranges = kind == Kind::renew ? renewals.take() : lane->to_say().take();
    if (ranges.empty()) continue;
    sent_.push_back({lane, ranges});
    said.push_back({{lane->topic_id(), lane->partition().partition}, std::move(ranges)});
  }
  return said;
}

asio::awaitable<client::Reply> ShareLeaderLoop::fetch(runtime::TimePoint deadline) {
  const GroupOptions& group = context_.options.group;
  const client::FetchOptions& options = context_.options.fetch;
  const auto now = context_.client.now();
  std::set<SharePartitionKey> wanted;
  bool busy = false;
  for (const auto& lane : lanes_here()) {
    if (wants(*lane, now)) wanted.emplace(lane->topic_id(), lane->partition().partition);
    busy = busy || lane->unfinished() > 0;
  }
  if (wanted.empty()) co_return client::Reply();
  protocol::Arena arena;
  ShareFetchRequest request;
  request.group_id = protocol::string(group.group_id);
  request.member_id = protocol::string(context_.member.member_id);
  request.max_wait_ms = busy ? std::min(busy_wait_ms, options.max_wait_ms) : options.max_wait_ms;
  request.min_bytes = options.min_bytes;
  request.max_bytes = affordable_bytes();
  request.max_records = group.max_poll_records;
  request.batch_size = group.max_poll_records;
  request.share_acquire_mode = static_cast<std::int8_t>(group.share_acquire_mode);
  const std::vector<ShareSaying> said = gather(Kind::fetch);
  session_.write(request, wanted, said, arena);
  const client::RequestRef ref = ref_of(request);
  const std::int16_t version = connection_->pick_version(ref);
  co_return co_await connection_->exchange(ref, version, deadline);
}

asio::awaitable<client::Reply> ShareLeaderLoop::acknowledge(Kind kind, runtime::TimePoint deadline) {
  const std::vector<ShareSaying> said = gather(kind);
  if (said.empty() && kind != Kind::close) co_return client::Reply();
  protocol::Arena arena;
  ShareAcknowledgeRequest request;
  request.group_id = protocol::string(context_.options.group.group_id);
  request.member_id = protocol::string(context_.member.member_id);
  request.is_renew_ack = kind == Kind::renew;
  session_.write(request, said, kind == Kind::close, arena);
  const client::RequestRef ref = ref_of(request);
  const std::int16_t version = connection_->pick_version(ref);
  co_return co_await connection_->exchange(ref, version, deadline);
}

void ShareLeaderLoop::process_fetch(const client::Reply& reply) {
  protocol::Arena arena;
  const auto response = protocol::decode<ShareFetchResponse>(reply.body, reply.version, arena, protocol::lenient);
  if (!response) {
    throw Error(
        Error::Stage::protocol, "decode a ShareFetch response", reply.peer,
        fmt::format("{} at byte {}, field {}", response.error().what, response.error().offset, response.error().path));
  }
  const std::string message(response->error_message->value_or(protocol::string()));
  if (refused(static_cast<ErrorCode>(*response->error_code), message, "acquire records", response->throttle_time_ms)) {
    return;
  }
  std::int32_t lock_ms = response->acquisition_lock_timeout_ms;
  if (lock_ms <= 0) lock_ms = default_lock_timeout_ms;
  for (const auto& node : *response->node_endpoints) {
    if (node.port <= 0 || node.port > 65535) continue;
    runtime::Endpoint endpoint(std::string(*node.host), static_cast<std::uint16_t>(*node.port));
    context_.client.metadata().apply_node_endpoint(node.node_id, std::move(endpoint));
  }
  for (const auto& topic : *response->responses) {
    for (const auto& partition : *topic.partitions) {
      const SharePartitionKey key(topic.topic_id, partition.partition_index);
      settle(key, static_cast<ErrorCode>(*partition.acknowledge_error_code), Kind::fetch, lock_ms);
      take_partition(key, partition, lock_ms, reply.block);
    }
  }
  settle_unanswered(Kind::fetch);
  context_.retarget();
}

void ShareLeaderLoop::process_acknowledge(const client::Reply& reply, Kind kind) {
  protocol::Arena arena;
  const auto response = protocol::decode<ShareAcknowledgeResponse>(reply.body, reply.version, arena, protocol::lenient);
  if (!response) {
    throw Error(
        Error::Stage::protocol, "decode a ShareAcknowledge response", reply.peer,
        fmt::format("{} at byte {}, field {}", response.error().what, response.error().offset, response.error().path));
  }
  const std::string message(response->error_message->value_or(protocol::string()));
  if (refused(static_cast<ErrorCode>(*response->error_code), message, "acknowledge records",
              response->throttle_time_ms)) {
    return;
  }
  std::int32_t lock_ms = response->acquisition_lock_timeout_ms;
  if (lock_ms <= 0) lock_ms = default_lock_timeout_ms;
  for (const auto& topic : *response->responses) {
    for (const auto& partition : *topic.partitions) {
      const SharePartitionKey key(topic.topic_id, partition.partition_index);
      const auto error = static_cast<ErrorCode>(*partition.error_code);
      settle(key, error, kind, lock_ms);
      const auto lane = find(key);
      if (lane && leader_is_another(error)) {
        take_error(*lane, error, partition.current_leader->leader_id, partition.current_leader->leader_epoch);
      }
    }
  }
  settle_unanswered(kind);
  context_.retarget();
}

/// A broker answers for each partition that was spoken of; what it leaves out was not heard.
void ShareLeaderLoop::settle_unanswered(Kind kind) {
  while (!sent_.empty()) {
    const ShareLane& lane = *sent_.front().lane;
    settle({lane.topic_id(), lane.partition().partition}, ErrorCode::unknown_server_error, kind, 0);
  }
}

/// True when the whole answer is an error.
bool ShareLeaderLoop::refused(ErrorCode error, const std::string& said, const std::string& attempted,
                              std::int32_t throttle_ms) {
  if (throttle_ms > 0) not_before_ = context_.client.deadline_in_ms(throttle_ms);
  if (error == ErrorCode::none) {
    session_.confirmed();
    backoff_.reset();
    return false;
  }
  const bool session_error =
      error == ErrorCode::share_session_not_found || error == ErrorCode::invalid_share_session_epoch;
  Error why = broker_error(error, attempted + " for share group " + context_.options.group.group_id,
                           context_.client.describe(node_id_));
  lose_session(fmt::format("{} answered {}", context_.client.describe(node_id_),
                           protocol::error_name(static_cast<std::int16_t>(error))),
               Severity::warning);
  Event told = event(session_error ? EventKind::fetch_session_reset : EventKind::fetch_failed, Severity::warning,
                     said.empty() ? why.what() : fmt::format("{} ({})", why.what(), said));
  told.code = error;
  context_.client.events().on_event(told);
  if (error == ErrorCode::group_authorization_failed || error == ErrorCode::unsupported_version) context_.fail(why);
  not_before_ = context_.client.now() + backoff_.next(context_.client.runtime().random());
  return true;
}

void ShareLeaderLoop::failed(const Error& error) {
  // After nonsense nothing that comes behind it can be believed either.
  if (connection_ && error.stage() == Error::Stage::protocol) connection_->close(error);
  connection_.reset();
  lose_session(error.cause(), context_.ending ? Severity::debug : Severity::warning);
  if (aborted_) return;
  not_before_ = context_.client.now() + backoff_.next(context_.client.runtime().random());
  context_.client.request_metadata("fetching from " + context_.client.describe(node_id_) + " failed");
  Event told = event(EventKind::fetch_failed, Severity::warning, error.what());
  told.code = error.code();
  context_.client.events().on_event(told);
}

std::shared_ptr<ShareLane> ShareLeaderLoop::find(const SharePartitionKey& key) const {
  std::shared_ptr<ShareLane> found;
  for (const auto& lane : context_.lanes) {
    const bool is_it = lane->partition().partition == key.second && lane->topic_id() == key.first;
    if (is_it && (!found || found->closed())) found = lane;  // an older one may be on its way out
  }
  return found;
}

void ShareLeaderLoop::settle(const SharePartitionKey& key, ErrorCode error, Kind kind, std::int32_t lock_timeout_ms) {
  for (auto at = sent_.begin(); at != sent_.end();) {
    if (at->lane->topic_id() != key.first || at->lane->partition().partition != key.second) {
      ++at;
      continue;
    }
    const Sent sent = std::move(*at);
    at = sent_.erase(at);
    if (kind == Kind::renew) {
      error == ErrorCode::none ? sent.lane->renewed(lock_timeout_ms) : sent.lane->not_renewed();
    }
    if (error != ErrorCode::none) {
      refused_words(sent, error, kind);
      continue;
    }
    for (const auto& range : sent.ranges) {
      const auto count = static_cast<std::uint64_t>(range.next - range.first);
      ShareLane::Counts& counts = sent.lane->counts();
      if (range.type == AcknowledgeType::accept) counts.accepted += count;
      if (range.type == AcknowledgeType::release) counts.released += count;
      if (range.type == AcknowledgeType::reject) counts.rejected += count;
      if (range.type == AcknowledgeType::gap) counts.gaps += count;
    }
  }
}

/// A partition's words of one request count all or none: what was refused is said again, lot by lot, so that one lock
/// that has ended does not take the others with it.
void ShareLeaderLoop::refused_words(Sent sent, ErrorCode error, Kind kind) {
  std::map<std::uint64_t, std::vector<Acknowledgements::Range>> lots;
  for (const auto& range : sent.ranges) lots[range.lot].push_back(range);
  if (error == ErrorCode::invalid_record_state && lots.size() > 1 && kind != Kind::renew && kind != Kind::close) {
    for (auto& [id, ranges] : lots) alone_.push_back({sent.lane, std::move(ranges)});
    return;
  }
  std::int64_t offsets = 0;
  for (const auto& range : sent.ranges) offsets += range.next - range.first;
  Event told =
      event(EventKind::acknowledge_failed, Severity::warning, *sent.lane,
            fmt::format("{} did not take {} of offsets {} to {}: {}; they are delivered again, unless others have "
                        "finished them",
                        context_.client.describe(node_id_), kind == Kind::renew ? "the renewal" : "the acknowledgement",
                        sent.ranges.front().first, sent.ranges.back().next - 1,
                        protocol::error_name(static_cast<std::int16_t>(error))));
  told.offset = sent.ranges.front().first;
  told.count = offsets;
  told.code = error;
  context_.client.events().on_event(told);
  if (kind != Kind::renew) sent.lane->counts().lost += static_cast<std::uint64_t>(offsets);
}

void ShareLeaderLoop::take_partition(const SharePartitionKey& key, const ShareFetchResponse::Partition& fetched,
                                     std::int32_t lock_timeout_ms, const client::BlockRef& block) {
  const auto lane = find(key);
  const auto error = static_cast<ErrorCode>(*fetched.error_code);
  if (!lane) return;  // given away meanwhile: the lock ends by itself
  if (error != ErrorCode::none) {
    take_error(*lane, error, fetched.current_leader->leader_id, fetched.current_leader->leader_epoch);
    return;
  }
  lane->failures = 0;
  if (!fetched.acquired_records->empty()) take_records(*lane, fetched, lock_timeout_ms, block);
}

/// What was acquired has to lie within the batches that came, or some of it can never be handed out.
void ShareLeaderLoop::take_records(ShareLane& lane, const ShareFetchResponse::Partition& fetched,
                                   std::int32_t lock_timeout_ms, const client::BlockRef& block) {
  std::string problem;
  std::vector<AcquiredRange> ranges = read_acquired(fetched.acquired_records, problem);
  if (!problem.empty()) {
    throw Error(Error::Stage::protocol, "take acquired records of " + lane.partition().text(),
                context_.client.describe(node_id_), "the ranges make no sense: " + problem);
  }
  client::Share share;
  share.block = block;
  share.records = fetched.records->value_or(protocol::bytes());
  records::BatchWalker walker(share.records);
  records::BatchView batch;
  std::int64_t covered = -1;
  while (walker.next(batch) == records::BatchWalker::Step::batch)
    covered = std::max(covered, batch.header().next_offset());
  std::int64_t left_out = 0;
  const std::int64_t end = ranges.back().next;
  while (!ranges.empty() && ranges.back().next > covered) {
    AcquiredRange& last = ranges.back();
    const std::int64_t from = std::max(last.first, covered);
    lane.to_say().add(from, last.next, AcknowledgeType::release);
    left_out += last.next - from;
    last.next = from;
    if (last.first == last.next) ranges.pop_back();
  }
  if (left_out > 0) {
    Event told = event(EventKind::fetch_failed, Severity::warning, lane,
                       fmt::format("{} acquired {} offsets up to {} whose records did not come; they are given back",
                                   context_.client.describe(node_id_), left_out, end - 1));
    told.offset = end - 1;
    told.count = left_out;
    context_.client.events().on_event(told);
    lane.not_before = context_.client.now() + std::chrono::milliseconds(context_.client.options().retry_backoff_ms);
  }
  if (!ranges.empty()) lane.take(std::move(share), std::move(ranges), lock_timeout_ms);
}

void ShareLeaderLoop::take_error(ShareLane& lane, ErrorCode error, std::int32_t leader_id, std::int32_t leader_epoch) {
  const std::string name(protocol::error_name(static_cast<std::int16_t>(error)));
  if (error == ErrorCode::topic_authorization_failed) {
    Error refused = broker_error(error, "read " + lane.partition().text(), context_.client.describe(node_id_));
    lane.lose(name);
    lane.stop(refused);
    return;
  }
  Event told = event(EventKind::fetch_failed, Severity::info, lane, name);
  told.code = error;
  context_.client.events().on_event(told);
  if (leader_is_another(error)) {
    lane.lose(fmt::format("{} leads the partition no more, and a new leader does not know who holds what",
                          context_.client.describe(node_id_)));
  }
  lane.failures = std::min(lane.failures + 1, failures_doublings_max);
  const auto pause = std::chrono::milliseconds(context_.client.options().retry_backoff_ms) * (1 << lane.failures) / 2;
  lane.not_before = context_.client.now() + pause;
  if (leader_id >= 0 && context_.client.metadata().apply_leader_hint(lane.partition().topic, lane.partition().partition,
                                                                     leader_id, leader_epoch)) {
    lane.not_before = {};
    return;
  }
  context_.client.request_metadata(lane.partition().text() + ": " + name);
}

}  // namespace barnabas::group
