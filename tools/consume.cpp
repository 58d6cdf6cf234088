// barnabas consume: records to standard output, from partitions taken by hand or as a member of a group.
#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <set>

#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/group/subscription.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/consume_flags.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/standard_streams.hpp"
#include "barnabas/tools/statistics_lines.hpp"
#include "barnabas/tools/terminal.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

class Consuming {
 public:
  Consuming(Session& session, const ConsumeFlags& flags)
      : session_(session),
        flags_(flags),
        format_(flags.record_format()),
        output_(session.runtime),
        consumer_(session.client, session.consumer),
        statistics_(session.client, consumer_),
        tasks_(session.runtime) {}

  asio::awaitable<int> run() {
    std::exception_ptr failure;
    try {
      co_await start();
      session_.on_interrupt = [this] {
        interrupted_ = true;
        tasks_.spawn("close", close());
      };
      tasks_.spawn("watch", watch());
      co_await print_all();
      at_ends();  // the last ones may not have been told
    } catch (...) {
      failure = std::current_exception();
    }
    ending_ = true;
    co_await close();
    co_await tasks_.join();
    session_.on_interrupt = nullptr;
    if (failure) std::rethrow_exception(failure);
    co_return result();
  }

 private:
  asio::awaitable<void> start() {
    const bool grouped = !flags_.group.empty();
    const group::Subscription topics(flags_.topics);
    // What is missing or cannot be reached is told at once, but for a group, which may wait for its topics.
    if (!grouped || exits_at_end()) co_await probe(topics);
    if (grouped) {
      consumer_.subscribe(flags_.topics);
    } else if (flags_.partitions.empty()) {
      consumer_.follow(flags_.topics, parse_start(flags_.start).position);
    }
    session_.long_work_begins();
    session_.printer.leave_out(client::EventKind::partition_stopped);
  }

  /// Asks the leaders of the named topics for something, and takes partitions that are named.
  asio::awaitable<void> probe(const group::Subscription& topics) {
    const client::StartPosition start = parse_start(flags_.start).position;
    for (const std::string& topic : topics.names()) {
      const auto deadline = session_.deadline();
      const auto partitions = co_await topic_partitions(session_.client, topic, flags_.partitions, deadline);
      co_await offsets_at(session_.client, partitions, -1, session_.consumer.fetch.isolation, deadline);
      if (flags_.partitions.empty()) continue;
      for (const auto& partition : partitions) consumer_.assign(partition, start, flags_.end());
    }
  }

  bool exits_at_end() const { return flags_.end().kind != client::EndPosition::Kind::never; }

  /// Nothing came for longer than --max-wait-ms.
  bool waited_long_enough() const {
    return flags_.max_wait_ms > 0 &&
           session_.client.now() - last_record_ >= std::chrono::milliseconds(flags_.max_wait_ms);
  }

  /// Ends the work where nothing more is to come: at the ends, or when a partition cannot be read on.
  asio::awaitable<void> watch() {
    last_record_ = session_.client.now();
    while (!ending_ && !partition_error() && !waited_long_enough() && !(exits_at_end() && at_ends())) {
      const auto pause = std::chrono::milliseconds(10);
      co_await runtime::sleep_for(session_.runtime.clock(), pause);
    }
    co_await close();
  }

  /// All partitions that are here have reached their ends; in a group others may have the rest. A member that has none
  /// waits until it gets some.
  bool at_ends() {
    bool all = !consumer_.lanes().empty();
    for (const auto& lane : consumer_.lanes()) {
      if (!lane->ended()) {
        all = false;
      } else if (end_told_.insert(lane->partition()).second) {
        tell_end(lane->partition(), lane->end_offset());
      }
    }
    return all;
  }

  void tell_end(const client::TopicPartition& partition, std::int64_t end) const {
    if (flags_.connect.quiet) return;
    print_error_line(
        fmt::format("% Reached end of topic {} [{}] at offset {}", partition.topic, partition.partition, end));
  }

  asio::awaitable<void> close() {
    if (closing_) co_return;
    closing_ = true;
    // What a reader has left behind will never be finished: no use to wait for it, nor to warn of it.
    if (reader_gone_) session_.printer.set_lowest(client::Severity::error);
    const auto deadline = session_.client.deadline_in_ms(reader_gone_ ? 500 : 5'000);
    co_await consumer_.close(deadline);
    if (interrupted_) output_.stop();  // what a reader does not take by now, he does not want
  }

  asio::awaitable<void> print_all() {
    while (!done()) {
      group::Turn turn;
      const bool more = co_await consumer_.next(turn);
      if (!more) co_return;
      co_await print(turn);
    }
  }

  bool done() const { return reader_gone_ || (flags_.count > 0 && printed_ >= flags_.count); }

  asio::awaitable<void> print(group::Turn& turn) {
    const RecordOrigin origin{turn.topic(), turn.partition(), turn.leader_epoch(), turn.delivery_count()};
    std::int64_t next = turn.first_offset();
    records::RecordView record;
    last_record_ = session_.client.now();
    while (!done() && turn.next(record)) {
      if (flags_.json) {
        append_json(text_, origin, record);
      } else {
        format_.append(text_, origin, record, flags_.show_null);
      }
      ++printed_;
      next = record.offset + 1;
      if (flags_.unbuffered || text_.size() >= text_bytes) co_await flush();
    }
    co_await flush();
    // Only what was written is committed.
    if (!reader_gone_) turn.acker().done(turn.first_offset(), done() ? next : turn.end_offset());
  }

  asio::awaitable<void> flush() {
    if (text_.empty() || reader_gone_) co_return;
    const bool written = co_await output_.write(text_);
    reader_gone_ = !written;
    text_.clear();
  }

  int result() const {
    if (consumer_.error()) return report(*consumer_.error()), exit_fatal;
    if (interrupted_) return exit_interrupted;
    if (const Error* error = partition_error()) return report(*error), exit_data;
    return exit_ok;
  }

  const Error* partition_error() const {
    for (const auto& lane : consumer_.lanes()) {
      if (lane->error()) return lane->error();
    }
    return nullptr;
  }

  static constexpr std::size_t text_bytes = 256 << 10;

  Session& session_;
  const ConsumeFlags& flags_;
  RecordFormat format_;
  StandardOutput output_;
  group::Consumer consumer_;
  StatisticsLines statistics_;
  runtime::TaskGroup tasks_;
  std::set<client::TopicPartition> end_told_;
  runtime::TimePoint last_record_{};
  std::string text_;
  std::uint64_t printed_ = 0;
  bool closing_ = false, ending_ = false, interrupted_ = false, reader_gone_ = false;
};

asio::awaitable<int> consume(Session& session, const ConsumeFlags& flags) {
  Consuming consuming(session, flags);
  co_return co_await consuming.run();
}

/// For partitions without a commit: what -o says, else the end, as kafka-console-consumer and kcat have it.
void set_group_start(const ConsumeFlags& flags, client::FetchOptions& fetch) {
  using Kind = client::StartPosition::Kind;
  fetch.offset_reset = client::OffsetReset::latest;
  if (flags.start.empty()) return;
  const client::StartPosition start = parse_start(flags.start).position;
  if (start.kind == Kind::earliest) fetch.offset_reset = client::OffsetReset::earliest;
  if (start.kind == Kind::earliest || start.kind == Kind::latest) return;
  fetch.start.kind = client::StartPolicy::Kind::position;
  fetch.start.position = start;
}

int run(ConsumeFlags& flags) {
  flags.settle();
  const bool grouped = !flags.group.empty();
  group::ConsumerOptions options;
  options.group.group_id = flags.group;
  options.group.commit = grouped || flags.keeps_file();
  options.fetch.offset_reset = client::OffsetReset::earliest;
  if (grouped) set_group_start(flags, options.fetch);
  options.end = flags.end();
  return run_session(flags.connect, [&flags](Session& session) { return consume(session, flags); }, options);
}

}  // namespace

void add_consume(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("consume", "Print records of a topic, or of a group's share of topics");
  auto flags = std::make_shared<ConsumeFlags>();
  flags->add_to(*command);
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace barnabas::tools
