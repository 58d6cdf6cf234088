#include "barnabas/client/fetch/broker_loop.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "barnabas/client/fetch/epoch_check.hpp"
#include "barnabas/protocol/messages/fetch.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

// Without room in the budget, partitions with nothing queued may still get this much, so that one slow topic never
// stops the others.
constexpr std::int32_t reserve_bytes = 64 << 10;
constexpr std::size_t small_reply_bytes = 8 << 10;
// Behind max_wait_ms, which the broker may take by right.
constexpr auto answer_margin = std::chrono::seconds(2);
constexpr auto replica_lease = std::chrono::minutes(5);
constexpr std::int16_t last_version_with_names = 12;

const PartitionInfo* partition_of(const TopicInfo* topic, std::int32_t index) {
  const bool known = topic && index >= 0 && static_cast<std::size_t>(index) < topic->partitions.size();
  return known ? &topic->partitions[static_cast<std::size_t>(index)] : nullptr;
}

}  // namespace

BrokerLoop::BrokerLoop(FetchContext& context, std::int32_t node_id)
    : context_(context),
      node_id_(node_id),
      wakeup_(context.client.runtime().clock()),
      backoff_(context.client.options().retry_backoff_ms, context.client.options().retry_backoff_max_ms) {}

void BrokerLoop::abort() {
  Error closing(Error::Stage::closed, "fetch", context_.client.describe(node_id_), "fetching ends");
  if (connection_) connection_->close(closing);
  context_.client.interrupt(node_id_, ConnectionClass::fetch);
  wakeup_.set();
}

asio::awaitable<void> BrokerLoop::run() {
  Client& client = context_.client;
  while (!context_.closing) {
    Plan next = plan();
    if (next.asks.empty() && !next.connects_ahead) {
      co_await wakeup_.wait_until(next.next_try);
      continue;
    }
    std::unique_ptr<Error> failure;
    const auto deadline = client.deadline_in_ms(context_.options.max_wait_ms + client.options().request_timeout_ms);
    context_.reserved_bytes += next.bytes_max;
    Reply reply;
    try {
      reply = co_await fetch(next, deadline);
    } catch (const Error& error) {
      failure = std::make_unique<Error>(error);
    }
    answer_due_ = runtime::never;
    context_.reserved_bytes -= next.bytes_max;
    context_.client.pool().tell_room();
    if (context_.closing) break;
    if (failure) {
      failed(*failure);
    } else if (!next.asks.empty()) {
      const bool small = !reply.body.empty() && reply.body.size() <= small_reply_bytes;
      process(std::move(reply));
      // Who waits for a few records has them before the next request costs time; many are worth the head start.
      if (small) co_await runtime::sleep_for(client.runtime().clock(), runtime::Duration(0));
    }
  }
}

/// The partitions that are read from this broker, are not paused, full or backing off, and what the budget allows for
/// them.
BrokerLoop::Plan BrokerLoop::plan() {
  Plan plan;
  const auto now = context_.client.now();
  if (now < not_before_) {
    plan.next_try = not_before_;
    return plan;
  }
  plan.bytes_max = affordable_bytes();
  const std::int32_t reserve = std::min(reserve_bytes, context_.options.max_bytes);
  const bool reserve_only = plan.bytes_max < reserve;
  if (reserve_only) plan.bytes_max = reserve;
  bool starved = false;
  const TopicInfo* topic = nullptr;
  const std::string* topic_name = nullptr;
  plan.asks.reserve(context_.partitions.size());
  for (auto& [key, partition] : context_.partitions) {
    FetchPartition& p = *partition;
    if (p.phase == FetchPartition::Phase::finding_offset && !p.user_paused) {
      plan.connects_ahead = plan.connects_ahead || (!connection_ && reads_here(p));
      continue;
    }
    if (p.phase != FetchPartition::Phase::fetching || p.user_paused || p.full || p.at_end()) continue;
    if (!topic_name || *topic_name != key.topic) {  // they are in order: a topic is looked up once
      topic_name = &key.topic;
      topic = context_.client.metadata().topic(key.topic);
    }
    if (!reads_here(p, partition_of(topic, key.partition))) continue;
    if (now < p.not_before) {
      plan.next_try = std::min(plan.next_try, p.not_before);
      continue;
    }
    p.starved = reserve_only && p.sink->queued_bytes() > 0;
    if (p.starved) {
      starved = true;
      continue;
    }
    FetchAsk ask;
    ask.partition = &p;
    ask.epoch = p.epoch;
    ask.topic_id = topic->id;
    ask.position = p.position;
    ask.leader_epoch = topic->partitions[static_cast<std::size_t>(key.partition)].leader_epoch;
    ask.last_epoch = p.last_epoch;
    ask.bytes_max = std::min(context_.options.partition_max_bytes, plan.bytes_max);
    ask.bytes_max = std::max(ask.bytes_max, p.bytes_min);
    p.asked_epoch = p.epoch;
    p.status.asked_at = now;
    plan.has_ids = plan.has_ids && !topic->id.is_zero();
    plan.asks.push_back(ask);
  }
  if (starved) context_.client.pool().want_room();
  if (starved != starved_) {
    starved_ = starved;
    if (starved) {
      context_.client.events().on_event(
          Event(EventKind::budget_exhausted, Severity::info,
                fmt::format("memory budget used up ({} of {} bytes): partitions with records in hand wait",
                            context_.client.pool().used(), context_.client.pool().bytes_max())));
    }
  }
  // Brokers fill partitions in the order of the request until the size is reached.
  if (!plan.asks.empty()) {
    std::rotate(plan.asks.begin(), plan.asks.begin() + static_cast<std::ptrdiff_t>(rotation_++ % plan.asks.size()),
                plan.asks.end());
  }
  return plan;
}

bool BrokerLoop::reads_here(FetchPartition& p) const {
  return reads_here(p, context_.client.metadata().partition(p.key.topic, p.key.partition));
}

bool BrokerLoop::reads_here(FetchPartition& p, const PartitionInfo* info) const {
  if (!info) return false;
  if (p.replica_id >= 0 && context_.client.now() >= p.replica_until) p.replica_id = -1;
  return (p.replica_id >= 0 ? p.replica_id : info->leader_id) == node_id_;
}

std::int32_t BrokerLoop::affordable_bytes() const {
  const BlockPool& pool = context_.client.pool();
  const std::int64_t room = pool.bytes_max() - pool.used() - context_.reserved_bytes;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(room, 0, context_.options.max_bytes));
}

void BrokerLoop::drop_removed(Plan& plan) const {
  std::set<std::uint64_t> present;
  for (const auto& [key, partition] : context_.partitions) present.insert(partition->epoch);
  std::erase_if(plan.asks, [&](const FetchAsk& ask) { return !present.contains(ask.epoch); });
}

/// After a change of leader an older broker is asked where its log of the last epoch ends, before it is read on.
void BrokerLoop::hold_unchecked(Plan& plan) const {
  std::erase_if(plan.asks, [&](const FetchAsk& ask) {
    if (ask.last_epoch < 0 || ask.leader_epoch < 0) return false;
    FetchPartition& p = *context_.partitions.at(ask.partition->key);
    if (p.checked_epoch == ask.leader_epoch) return false;
    context_.check_position(p);
    return true;
  });
}

/// Without a request, and with nothing left in `plan`, when its partitions have to be checked first.
asio::awaitable<Reply> BrokerLoop::fetch(Plan& plan, runtime::TimePoint deadline) {
  const Target target = Target::node(node_id_, ConnectionClass::fetch);
  auto connection = co_await context_.client.connection(target, deadline);
  if (connection != connection_) {
    session_.reset();
    drop_removed(plan);  // connecting took a while
  }
  connection_ = connection;

  protocol::FetchRequest request;
  const RequestRef ref = RequestRef::of(request, plan.has_ids ? std::int16_t{0x7fff} : last_version_with_names);
  const std::int16_t version = connection->pick_version(ref);
  if (version < first_fetch_version_with_divergence) hold_unchecked(plan);
  if (plan.asks.empty()) co_return Reply();
  protocol::Arena arena;
  request.max_wait_ms = context_.options.max_wait_ms;
  request.min_bytes = context_.options.min_bytes;
  request.max_bytes = plan.bytes_max;
  request.isolation_level = static_cast<std::int8_t>(context_.options.isolation);
  request.rack_id = protocol::string(context_.options.rack);
  session_.write(request, plan.asks, version, arena);
  answer_due_ = context_.client.deadline_in_ms(context_.options.max_wait_ms) + answer_margin;
  co_return co_await connection->exchange(ref, version, deadline);
}

void BrokerLoop::failed(const Error& error) {
  session_.reset();
  connection_.reset();
  const auto pause = backoff_.next(context_.client.runtime().random());
  not_before_ = context_.client.now() + pause;
  context_.client.request_metadata("fetching from " + context_.client.describe(node_id_) + " failed");
  context_.leave_follower(node_id_);
  Event event(EventKind::fetch_failed, Severity::warning, error.what());
  event.node_id = node_id_;
  event.code = error.code();
  context_.client.events().on_event(event);
}

bool BrokerLoop::session_refused(ErrorCode error) {
  if (error == ErrorCode::none) return false;
  session_.reset();
  const bool session_error = error == ErrorCode::fetch_session_id_not_found ||
                             error == ErrorCode::invalid_fetch_session_epoch ||
                             error == ErrorCode::fetch_session_topic_id_error;
  Event event(session_error ? EventKind::fetch_session_reset : EventKind::fetch_failed,
              session_error ? Severity::debug : Severity::warning,
              fmt::format("{} answered a Fetch with {}", context_.client.describe(node_id_),
                          protocol::error_name(static_cast<std::int16_t>(error))));
  event.node_id = node_id_;
  event.code = error;
  context_.client.events().on_event(event);
  if (!session_error) not_before_ = context_.client.now() + backoff_.next(context_.client.runtime().random());
  if (error == ErrorCode::unknown_topic_id || error == ErrorCode::inconsistent_topic_id) {
    context_.client.request_metadata("a topic id is not known to the broker");
  }
  return true;
}

void BrokerLoop::process(Reply reply) {
  protocol::FetchReader reader(reply.body, reply.version);
  if (!reader.failed() && session_refused(reader.error())) return;
  backoff_.reset();
  while (reader.next(scratch_)) take_partition(scratch_, reply.block);
  if (reader.failed()) {
    Error broken(Error::Stage::protocol, "decode a Fetch response", reply.peer,
                 fmt::format("the bytes make no sense at byte {} of {} (version {})", reader.failed_at(),
                             reply.body.size(), reply.version));
    if (connection_) connection_->close(broken);
    failed(broken);
    return;
  }
  session_.confirmed(reply.version >= 7 ? reader.session_id() : 0);
  for (const protocol::FetchedEndpoint& node : reader.node_endpoints()) {
    if (node.port <= 0 || node.port > 65535) continue;
    runtime::Endpoint endpoint(std::string(node.host), static_cast<std::uint16_t>(node.port));
    context_.client.metadata().apply_node_endpoint(node.node_id, std::move(endpoint));
  }
  if (!reader.node_endpoints().empty()) context_.retarget();
  if (reader.throttle_time_ms() > 0) {
    not_before_ = context_.client.deadline_in_ms(reader.throttle_time_ms());
    if (connection_) connection_->traffic().throttled(reader.throttle_time_ms());
    Event event(EventKind::throttled, Severity::info,
                fmt::format("{} throttles fetching for {} ms (quota)", reply.peer, reader.throttle_time_ms()));
    event.node_id = node_id_;
    event.count = reader.throttle_time_ms();
    context_.client.events().on_event(event);
  }
}

FetchPartition* BrokerLoop::find(const protocol::FetchedPartition& fetched) {
  std::string topic(fetched.topic);
  if (topic.empty()) {
    const std::string* name = context_.client.metadata().topic_name(fetched.topic_id);
    if (!name) return nullptr;
    topic = *name;
  }
  const auto found = context_.partitions.find(TopicPartition(std::move(topic), fetched.partition));
  return found == context_.partitions.end() ? nullptr : found->second.get();
}

void BrokerLoop::take_partition(protocol::FetchedPartition& fetched, const BlockRef& block) {
  FetchPartition* partition = find(fetched);
  // Removed, sought or moved while the request was under way: what came is nobody's.
  if (!partition || partition->phase != FetchPartition::Phase::fetching || !reads_here(*partition)) return;
  if (partition->asked_epoch != partition->epoch) return;
  partition->status.leader_id = node_id_;
  if (fetched.error != ErrorCode::none) {
    take_error(*partition, fetched);
    return;
  }
  partition->backoff.reset();
  partition->status.high_watermark = fetched.high_watermark;
  partition->status.last_stable_offset = fetched.last_stable_offset;
  if (fetched.log_start_offset >= 0) partition->status.log_start_offset = fetched.log_start_offset;
  if (fetched.diverging_epoch >= 0) {
    context_.truncated(*partition, fetched.diverging_end_offset, fetched.diverging_epoch, node_id_);
    return;
  }
  if (fetched.preferred_read_replica >= 0 && fetched.preferred_read_replica != node_id_ && fetched.records.empty()) {
    partition->replica_id = fetched.preferred_read_replica;
    partition->replica_until = context_.client.now() + replica_lease;
    context_.retarget();
    return;
  }
  if (!fetched.records.empty()) take_records(*partition, fetched, block);
}

/// Walks the headers only: where the next Fetch starts. Checks of what was received are the lane's.
void BrokerLoop::take_records(FetchPartition& p, protocol::FetchedPartition& fetched, const BlockRef& block) {
  records::BatchWalker walker(fetched.records);
  records::BatchView batch;
  std::int64_t next_offset = p.position;
  std::int32_t epoch = p.last_epoch;
  bool any = false;
  auto step = walker.next(batch);
  for (; step == records::BatchWalker::Step::batch; step = walker.next(batch)) {
    any = true;
    ++p.status.batches;
    next_offset = std::max(next_offset, batch.header().next_offset());
    epoch = batch.header().leader_epoch;  // -1 in message sets, which do not say
  }
  if (step == records::BatchWalker::Step::broken && !any) {
    context_.stop_partition(
        p, Error(Error::Stage::protocol, "read records of " + p.key.text(), context_.client.describe(node_id_),
                 fmt::format("at offset {}: {}", p.position, walker.why())));
    return;
  }
  if (!any) {
    take_cut_batch(p, walker.truncated_size(), fetched.records.size());
    return;
  }
  p.bytes_min = 0;
  p.cut_short = 0;
  if (next_offset == p.position) {
    back_off(p);  // all of it lies below the position: the same question would get the same answer at once
    return;
  }
  Share share;
  share.block = block;
  share.records = fetched.records;
  share.aborted = std::move(fetched.aborted);
  share.position = p.position;
  share.next_offset = next_offset;
  if (p.status.end_offset >= 0) share.end = p.status.end_offset;
  share.high_watermark = fetched.high_watermark;
  share.last_stable_offset = fetched.last_stable_offset;
  share.epoch = p.epoch;
  p.position = next_offset;
  p.last_epoch = epoch;
  p.status.position = next_offset;
  p.status.bytes += share.records.size();
  p.sink->on_share(std::move(share));
  p.full = p.sink->queued_bytes() >= context_.options.lane_bytes_max;
  if (p.full) {
    context_.client.events().on_event(event(EventKind::partition_slow, Severity::debug, p,
                                            fmt::format("{}: {} bytes wait for its handler; it is not asked for until "
                                                        "half of them are gone",
                                                        p.key.text(), p.sink->queued_bytes())));
  }
}

/// The first batch is cut, which only Fetch below version 3 does: the limit has to grow until it fits.
void BrokerLoop::take_cut_batch(FetchPartition& p, std::size_t whole_bytes, std::size_t got_bytes) {
  constexpr int cut_short_max = 3;
  const std::int64_t frame_bytes_max = context_.client.options().frame_bytes_max;
  const auto wanted = static_cast<std::int64_t>(std::max(whole_bytes, got_bytes * 2));
  const bool had_room = wanted <= std::max(p.bytes_min, context_.options.partition_max_bytes);
  if (had_room) ++p.cut_short;
  if (wanted <= frame_bytes_max && p.cut_short < cut_short_max) {
    p.bytes_min = static_cast<std::int32_t>(std::min<std::int64_t>(wanted, 1 << 30));
    if (had_room) back_off(p);
    return;
  }
  Error cut(
      Error::Stage::protocol, "read records of " + p.key.text(), context_.client.describe(node_id_),
      fmt::format("the batch at offset {} is cut short: {} of {} bytes came", p.position, got_bytes, whole_bytes));
  cut.hint(had_room ? "the log on the broker is damaged, or something between changes bytes"
                    : "raise receive.message.max.bytes above the size of the batch");
  context_.stop_partition(p, cut);
}

void BrokerLoop::take_error(FetchPartition& p, const protocol::FetchedPartition& fetched) {
  const std::string name(protocol::error_name(static_cast<std::int16_t>(fetched.error)));
  if (p.replica_id >= 0) {
    // Whatever a follower objects to, the leader is asked before anything is believed.
    p.replica_id = -1;
    context_.retarget();
    return;
  }
  if (fetched.error == ErrorCode::offset_out_of_range) {
    context_.out_of_range(p, node_id_);
    return;
  }
  if (fetched.error == ErrorCode::topic_authorization_failed) {
    context_.stop_partition(p, broker_error(fetched.error, "read " + p.key.text(), context_.client.describe(node_id_)));
    return;
  }
  Event failed = event(EventKind::fetch_failed, Severity::info, p, fmt::format("{}: {}", p.key.text(), name));
  failed.code = fetched.error;
  context_.client.events().on_event(failed);
  back_off(p);
  if (fetched.leader_id >= 0 && context_.client.metadata().apply_leader_hint(p.key.topic, p.key.partition,
                                                                             fetched.leader_id, fetched.leader_epoch)) {
    p.not_before = {};
    context_.retarget();
    return;
  }
  context_.client.request_metadata(p.key.text() + ": " + name);
}

void BrokerLoop::back_off(FetchPartition& p) {
  p.not_before = context_.client.now() + p.backoff.next(context_.client.runtime().random());
}

Event BrokerLoop::event(EventKind kind, Severity severity, const FetchPartition& p, std::string text) const {
  Event event(kind, severity, std::move(text));
  event.node_id = node_id_;
  event.topic = p.key.topic;
  event.partition = p.key.partition;
  event.offset = p.position;
  return event;
}

}  // namespace barnabas::client
