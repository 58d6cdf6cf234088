// barnabas consume: records to standard output, from partitions taken by hand or as a member of a group.
#include <fmt/core.h>

#include <functional>
#include <map>
#include <set>

#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/standard_streams.hpp"
#include "barnabas/tools/terminal.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

struct ConsumeFlags {
  ConnectFlags connect;
  std::vector<std::string> topics;
  std::string group;
  std::vector<int> partitions;
  std::string offset;
  std::uint64_t count = 0;
  bool exit_at_end = false;
  bool from_beginning = false;
  std::string format;
  std::string key_separator;
  std::string delimiter = "\\n";
  bool json = false;
  bool unbuffered = false;
  bool show_null = false;
};

RecordFormat record_format(const ConsumeFlags& flags) {
  return flags.format.empty() ? RecordFormat::plain(flags.key_separator, flags.delimiter) : RecordFormat(flags.format);
}

class Consuming {
 public:
  Consuming(Session& session, const ConsumeFlags& flags)
      : session_(session),
        flags_(flags),
        format_(record_format(flags)),
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
      if (flags_.exit_at_end) co_await find_ends();
      consumer_.subscribe(flags_.topics);
    }
    session_.long_work_begins();
    session_.printer.leave_out(client::EventKind::partition_stopped);
  }

  asio::awaitable<void> assign() {
    co_await find_ends();  // also without -e: a leader that cannot be reached is told at once
    const StartText start = parse_start(flags_.offset);
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
      const auto offsets = co_await offsets_at(session_.client, partitions, -1, isolation(), deadline);
      for (std::size_t i = 0; i < partitions.size(); ++i) ends_[partitions[i]] = offsets[i];
    }
  }

  /// Ends the work where nothing more is to come: at the ends, or when a partition cannot be read on.
  asio::awaitable<void> watch() {
    while (!ending_ && !partition_error() && !(flags_.exit_at_end && at_ends())) {
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
      const bool reached = end == ends_.end() || (lane->has_position() && lane->window().handed_out() >= end->second);
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
  std::string text_;
  std::uint64_t printed_ = 0;
  bool closing_ = false, ending_ = false, interrupted_ = false, reader_gone_ = false;
};

asio::awaitable<int> consume(Session& session, const ConsumeFlags& flags) {
  Consuming consuming(session, flags);
  co_return co_await consuming.run();
}

void check_group_flags(const ConsumeFlags& flags, const StartText& start) {
  using Kind = StartText::Kind;
  if (flags.group.empty()) return;
  if (!flags.partitions.empty()) {
    Error error(Error::Stage::config, "take --partition with --group", "", "the group gives out the partitions");
    throw error.hint("leave one of them out");
  }
  if (start.kind != Kind::beginning && start.kind != Kind::end) {
    Error error(Error::Stage::config, "take --offset " + flags.offset + " with --group", "",
                "a group goes on from its commits");
    throw error.hint("write beginning or end, for where there is no commit, or leave --group out");
  }
}

int run(const ConsumeFlags& flags) {
  const StartText start = parse_start(flags.offset);
  check_group_flags(flags, start);
  record_format(flags);  // what is wrong there is told without asking the cluster
  const bool grouped = !flags.group.empty();
  const bool from_end = grouped && (flags.offset.empty() || start.kind == StartText::Kind::end);
  group::ConsumerOptions options;
  options.group.group_id = flags.group;
  options.group.commit = grouped;
  options.fetch.offset_reset = from_end ? client::OffsetReset::latest : client::OffsetReset::earliest;
  return run_session(flags.connect, [&flags](Session& session) { return consume(session, flags); }, options);
}

}  // namespace

void add_consume(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("consume", "Print records of a topic, or of a group's share of topics");
  auto flags = std::make_shared<ConsumeFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic", flags->topics, "Topic; may be repeated")->required()->allow_extra_args(false);
  command->add_option("-G,--group", flags->group, "Join this group, commit what was printed");
  command->add_option("-p,--partition", flags->partitions, "Only this partition; may be repeated")
      ->check(CLI::Range(0, max_partition))
      ->allow_extra_args(false);
  auto* offset = command->add_option("-o,--offset", flags->offset,
                                     "beginning, end, N, -N (the last N), s@MS (from this time); default: beginning, "
                                     "in a group the committed offset, else end");
  command->add_flag("--from-beginning", flags->from_beginning, "Same as -o beginning")->excludes(offset);
  command->add_option("-c,--max-messages", flags->count, "Exit after so many records");
  command->add_flag("-e,--exit-at-end", flags->exit_at_end, "Exit at the ends that the partitions have at the start");
  auto* format = command->add_option(
      "-f,--format", flags->format,
      "%t topic, %p partition, %o offset, %k key, %K its length, %s value, %S its length, %R its length as four bytes, "
      "%T timestamp, %h headers, %e leader epoch");
  command->add_flag("-J,--json", flags->json, "One JSON object a line; bytes that are not UTF-8 as base64")
      ->excludes(format);
  command->add_option("-K,--key-separator", flags->key_separator, "Print keys, with this behind them");
  command->add_option("-D,--delimiter", flags->delimiter, "Printed behind each record")->capture_default_str();
  command->add_flag("-u,--unbuffered", flags->unbuffered, "Write each record at once");
  command->add_flag("-Z,--null", flags->show_null, "Print null as NULL");
  command->callback([flags, &exit_code] {
    if (flags->from_beginning) flags->offset = "beginning";
    exit_code = run(*flags);
  });
}

}  // namespace barnabas::tools
