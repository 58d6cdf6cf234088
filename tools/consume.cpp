// barnabas consume: records to standard output, from partitions taken by hand or as a member of a group.
#include <fmt/core.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>

#include "barnabas/client/fetch/reset.hpp"
#include "barnabas/client/runtime/tasks.hpp"
#include "barnabas/group/consumer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/record_format.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

constexpr std::size_t output_bytes = 256 << 10;

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

std::string format_text(const ConsumeFlags& flags) {
  if (!flags.format.empty()) return flags.format;
  return (flags.key_separator.empty() ? "" : "%k" + flags.key_separator) + "%s" + flags.delimiter;
}

class Consuming {
 public:
  Consuming(Session& session, const ConsumeFlags& flags)
      : session_(session),
        flags_(flags),
        format_(format_text(flags)),
        consumer_(session.client, session.consumer),
        tasks_(session.runtime) {}

  asio::awaitable<int> run() {
    std::exception_ptr failure;
    try {
      co_await start();
      co_await print_all();
    } catch (...) {
      failure = std::current_exception();
    }
    session_.runtime.signals().stop();
    ending_ = true;
    co_await close();
    co_await tasks_.join();
    if (failure) std::rethrow_exception(failure);
    if (write_failed_) co_return exit_ok;  // the reader of the pipe has had enough
    if (const Error* error = stop_cause()) {
      report(*error);
      co_return consumer_.error() ? exit_fatal : exit_data;
    }
    co_return interrupted_ ? exit_interrupted : exit_ok;
  }

 private:
  asio::awaitable<void> start() {
    tasks_.spawn("signals", watch_signals());
    if (!flags_.group.empty()) {
      consumer_.subscribe(flags_.topics);
      if (flags_.exit_at_end) tasks_.spawn("ends", watch_ends());
      co_return;
    }
    for (const std::string& topic : flags_.topics) {
      const auto deadline = session_.deadline();
      const auto partitions = co_await topic_partitions(session_.client, topic, flags_.partitions, deadline);
      const auto positions =
          co_await start_positions(session_.client, partitions, flags_.offset, session_.consumer.fetch.isolation, deadline);
      for (std::size_t i = 0; i < partitions.size(); ++i) consumer_.assign(partitions[i], positions[i]);
    }
    if (flags_.exit_at_end) tasks_.spawn("ends", watch_ends());
  }

  asio::awaitable<void> watch_signals() {
    while (true) {
      const int signal = co_await session_.runtime.signals().next();
      if (signal == 0) co_return;
      if (signal == SIGHUP) continue;
      interrupted_ = true;
      break;
    }
    co_await close();
  }

  asio::awaitable<void> close() {
    if (closing_) co_return;
    closing_ = true;
    const auto deadline = session_.client.deadline_in_ms(5'000);
    co_await consumer_.close(deadline);
  }

  /// The ends are those of the start: a topic that is written to all the time has an end, too.
  asio::awaitable<void> watch_ends() {
    std::map<client::TopicPartition, std::int64_t> ends;
    for (const std::string& topic : flags_.topics) {
      const auto deadline = session_.deadline();
      const auto partitions = co_await topic_partitions(session_.client, topic, flags_.partitions, deadline);
      const auto offsets =
          co_await offsets_at(session_.client, partitions, -1, session_.consumer.fetch.isolation, deadline);
      for (std::size_t i = 0; i < partitions.size(); ++i) ends[partitions[i]] = offsets[i];
    }
    while (!ending_) {
      for (const auto& lane : consumer_.lanes()) {
        const auto end = ends.find(lane->partition());
        if (end == ends.end() || !lane->has_position() || lane->window().handed_out() < end->second) continue;
        if (!flags_.connect.quiet) {
          fmt::print(stderr, "% Reached end of topic {} [{}] at offset {}\n", end->first.topic, end->first.partition,
                     end->second);
        }
        ends.erase(end);
      }
      if (ends.empty()) break;
      const auto pause = std::chrono::milliseconds(10);
      co_await runtime::sleep_for(session_.runtime.clock(), pause);
    }
    co_await close();
  }

  asio::awaitable<void> print_all() {
    bool more = true;
    while (more && !done()) {
      if (flags_.unbuffered || !any_ready()) flush();
      group::Turn turn;
      more = co_await consumer_.next(turn);
      if (more) print(turn);
    }
    flush();
  }

  bool any_ready() const {
    for (const auto& lane : consumer_.lanes()) {
      if (lane->ready()) return true;
    }
    return false;
  }
  bool done() const { return write_failed_ || (flags_.count > 0 && printed_ >= flags_.count); }

  void print(group::Turn& turn) {
    const RecordOrigin origin{turn.topic(), turn.partition(), turn.leader_epoch()};
    std::int64_t next = turn.first_offset();
    records::RecordView record;
    while (!done() && turn.next(record)) {
      if (flags_.json) {
        append_json(output_, origin, record);
      } else {
        format_.append(output_, origin, record, flags_.show_null);
      }
      ++printed_;
      next = record.offset + 1;
      if (output_.size() >= output_bytes) flush();
    }
    flush();
    if (write_failed_) return;
    turn.acker().done(turn.first_offset(), done() ? next : turn.end_offset());
  }

  void flush() {
    if (output_.empty()) return;
    const bool written = std::fwrite(output_.data(), 1, output_.size(), stdout) == output_.size();
    if (!written || std::fflush(stdout) != 0) write_failed_ = true;
    output_.clear();
  }

  const Error* stop_cause() const {
    if (consumer_.error()) return consumer_.error();
    for (const auto& lane : consumer_.lanes()) {
      if (lane->error()) return lane->error();
    }
    return nullptr;
  }

  Session& session_;
  const ConsumeFlags& flags_;
  RecordFormat format_;
  group::Consumer consumer_;
  runtime::TaskGroup tasks_;
  std::string output_;
  std::uint64_t printed_ = 0;
  bool closing_ = false, ending_ = false, interrupted_ = false, write_failed_ = false;
};

asio::awaitable<int> consume(Session& session, const ConsumeFlags& flags) {
  Consuming consuming(session, flags);
  co_return co_await consuming.run();
}

void run(const ConsumeFlags& flags, int& exit_code) {
  SessionOptions options;
  options.handle_signals = true;
  options.consumer.group.group_id = flags.group;
  options.consumer.group.commit = !flags.group.empty();
  const bool from_start = flags.from_beginning || flags.offset == "beginning" || flags.offset == "earliest";
  const bool grouped = !flags.group.empty();
  options.consumer.fetch.offset_reset =
      from_start || !grouped ? client::OffsetReset::earliest : client::OffsetReset::latest;
  exit_code = run_session(flags.connect, options, [&flags](Session& session) { return consume(session, flags); });
}

}  // namespace

void add_consume(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("consume", "Print records of a topic, or of a group's share of topics");
  auto flags = std::make_shared<ConsumeFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic", flags->topics, "Topic; may be repeated")->required();
  command->add_option("-G,--group", flags->group, "Join this group, commit what was printed");
  command->add_option("-p,--partition", flags->partitions, "Only this partition; may be repeated");
  command->add_option("-o,--offset", flags->offset,
                      "beginning, end, N, -N (the last N), s@MS (from this time); default: beginning, in a group the "
                      "committed offset");
  command->add_flag("--from-beginning", flags->from_beginning, "Same as -o beginning");
  command->add_option("-c,--max-messages", flags->count, "Exit after so many records");
  command->add_flag("-e,--exit-at-end", flags->exit_at_end, "Exit at the ends that the partitions have at the start");
  command->add_option("-f,--format", flags->format, "%t topic %p partition %o offset %k key %s value %T timestamp %h headers …");
  command->add_flag("-J,--json", flags->json, "One JSON object a line; bytes that are not UTF-8 as base64");
  command->add_option("-K,--key-separator", flags->key_separator, "Print keys, with this behind them");
  command->add_option("-D,--delimiter", flags->delimiter, "Printed behind each record")->capture_default_str();
  command->add_flag("-u,--unbuffered", flags->unbuffered, "Write at once");
  command->add_flag("-Z,--null", flags->show_null, "Print null as NULL");
  command->callback([flags, &exit_code] {
    if (flags->from_beginning && flags->offset.empty()) flags->offset = "beginning";
    run(*flags, exit_code);
  });
}

}  // namespace barnabas::tools
