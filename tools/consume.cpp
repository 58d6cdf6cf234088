// barnabas consume: records to standard output, from partitions taken by hand or as a member of a group.
#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/consume_flags.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/standard_streams.hpp"
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
    if (flags_.group.empty()) {
      co_await assign();
    } else {
      if (exits_at_end()) co_await find_ends();
      consumer_.subscribe(flags_.topics);
    }
    session_.long_work_begins();
    session_.printer.leave_out(client::EventKind::partition_stopped);
  }

  asio::awaitable<void> assign() {
    co_await find_ends();  // also without -e: a leader that cannot be reached is told at once
    const StartText start = parse_start(flags_.start);
    for (const std::string& topic : flags_.topics) {
      const auto deadline = session_.deadline();
      const auto partitions = co_await topic_partitions(session_.client, topic, flags_.partitions, deadline);
      const auto positions = co_await start_positions(session_.client, partitions, start, isolation(), deadline);
      for (std::size_t i = 0; i < partitions.size(); ++i) consumer_.assign(partitions[i], positions[i]);
    }
  }

  /// The ends are those of the start: a topic that is written to all the time has an end, too.
  asio::awaitable<void> find_ends() {
    for (const std::string& topic : flags_.topics) {
      const auto deadline = session_.deadline();
      const auto partitions = co_await topic_partitions(session_.client, topic, flags_.partitions, deadline);
      const auto offsets = co_await ends_of(partitions, deadline);
      for (std::size_t i = 0; i < partitions.size(); ++i) ends_[partitions[i]] = offsets[i];
    }
  }

  /// Where to stop: at the time of e@MS, or where the log ends now.
  asio::awaitable<std::vector<std::int64_t>> ends_of(std::vector<client::TopicPartition> partitions,
                                                     runtime::TimePoint deadline) {
    auto ends = co_await offsets_at(session_.client, partitions, -1, isolation(), deadline);
    if (flags_.end_ms < 0) co_return ends;
    const auto until = co_await offsets_at(session_.client, partitions, flags_.end_ms, isolation(), deadline);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (until[i] >= 0) ends[i] = std::min(ends[i], until[i]);  // -1: nothing that late
    }
    co_return ends;
  }

  bool exits_at_end() const { return flags_.exit_at_end || flags_.end_ms >= 0; }

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
      const auto end = ends_.find(lane->partition());
      const bool reached = end == ends_.end() || past_end_.contains(lane->partition()) ||
                           (lane->has_position() && lane->window().handed_out() >= end->second);
      if (!reached) all = false;
      if (reached && end != ends_.end() && end_told_.insert(end->first).second) tell_end(end->first, end->second);
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
    const RecordOrigin origin{turn.topic(), turn.partition(), turn.leader_epoch()};
    std::int64_t next = turn.first_offset();
    records::RecordView record;
    const std::int64_t end = end_of(turn);
    last_record_ = session_.client.now();
    while (!done() && turn.next(record)) {
      if (record.offset >= end) break;
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
    const bool all = !done() && turn.end_offset() <= end;
    if (!reader_gone_) turn.acker().done(turn.first_offset(), all ? turn.end_offset() : next);
    // What stands behind the time of e@MS is passed over, so that the partition counts as read to its end.
    if (turn.end_offset() > end && !done()) past_end_.insert({turn.topic(), turn.partition()});
  }

  /// Records from here on are not printed; without e@MS the ones behind the end are.
  std::int64_t end_of(const group::Turn& turn) const {
    if (flags_.end_ms < 0) return std::numeric_limits<std::int64_t>::max();
    const auto end = ends_.find({turn.topic(), turn.partition()});
    return end == ends_.end() ? std::numeric_limits<std::int64_t>::max() : end->second;
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

  client::Isolation isolation() const { return session_.consumer.fetch.isolation; }

  static constexpr std::size_t text_bytes = 256 << 10;

  Session& session_;
  const ConsumeFlags& flags_;
  RecordFormat format_;
  StandardOutput output_;
  group::Consumer consumer_;
  runtime::TaskGroup tasks_;
  std::map<client::TopicPartition, std::int64_t> ends_;
  std::set<client::TopicPartition> end_told_;
  std::set<client::TopicPartition> past_end_;
  runtime::TimePoint last_record_{};
  std::string text_;
  std::uint64_t printed_ = 0;
  bool closing_ = false, ending_ = false, interrupted_ = false, reader_gone_ = false;
};

asio::awaitable<int> consume(Session& session, const ConsumeFlags& flags) {
  Consuming consuming(session, flags);
  co_return co_await consuming.run();
}

int run(ConsumeFlags& flags) {
  flags.settle();
  const bool grouped = !flags.group.empty();
  const auto start = parse_start(flags.start).kind;
  const bool from_end = start == StartText::Kind::end || start == StartText::Kind::stored || flags.start.empty();
  group::ConsumerOptions options;
  options.group.group_id = flags.group;
  options.group.commit = grouped;
  options.fetch.offset_reset = grouped && from_end ? client::OffsetReset::latest : client::OffsetReset::earliest;
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
