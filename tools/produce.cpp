// barnabas produce: lines from standard input become records.
#include <fmt/core.h>

#include <string>

#include "barnabas/client/produce/producer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/escapes.hpp"
#include "barnabas/tools/line_reader.hpp"
#include "barnabas/tools/session.hpp"
#include "barnabas/tools/standard_streams.hpp"
#include "barnabas/tools/terminal.hpp"
#include "barnabas/tools/topic_positions.hpp"

namespace barnabas::tools {
namespace {

struct ProduceFlags {
  ConnectFlags connect;
  std::string topic;
  int partition = -1;
  std::string key_separator;
  std::string delimiter = "\\n";
  std::vector<std::string> headers;
  std::string fixed_key;
  std::string codec = "none";
  int level = records::default_level;
  std::string acks = "all";
  int batch_bytes = 128 << 10;
  int linger_ms = 5;
  bool null_empty = false;
  bool json_report = false;
};

client::ProduceOptions producer_options(const ProduceFlags& flags) {
  client::ProduceOptions options;
  const auto codec = records::parse_codec(flags.codec);
  if (!codec) {
    throw Error(Error::Stage::config, "take --compression " + flags.codec, "", "write none, gzip, snappy, lz4 or zstd");
  }
  options.codec = *codec;
  options.level = flags.level;
  if (flags.acks == "all" || flags.acks == "-1") {
    options.acks = -1;
  } else if (flags.acks == "0" || flags.acks == "1") {
    options.acks = static_cast<std::int16_t>(flags.acks[0] - '0');
  } else {
    throw Error(Error::Stage::config, "take --acks " + flags.acks, "", "write 0, 1 or all");
  }
  options.batch_bytes_max = flags.batch_bytes;
  options.linger_ms = flags.linger_ms;
  return options;
}

/// Header flags as views into `texts`, which the flags own.
std::vector<records::HeaderView> header_views(const std::vector<std::string>& texts) {
  std::vector<records::HeaderView> headers;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    records::HeaderView header;
    header.key = std::string_view(text).substr(0, equals);
    if (equals != text.npos) {
      const std::string_view value = std::string_view(text).substr(equals + 1);
      header.value = protocol::bytes(value.data(), value.size());
      header.has_value = true;
    }
    headers.push_back(header);
  }
  return headers;
}

class Producing {
 public:
  Producing(Session& session, const ProduceFlags& flags)
      : session_(session),
        flags_(flags),
        separator_(unescape(flags.key_separator)),
        headers_(header_views(flags.headers)),
        input_(session.runtime),
        producer_(session.client, producer_options(flags)) {}

  asio::awaitable<int> run() {
    session_.on_interrupt = [this] {
      interrupted_ = true;
      input_.stop();
    };
    producer_.on_delivery([this](const client::Delivery& delivery) {
      if (delivery.error) input_.stop();
    });
    std::exception_ptr failure;
    try {
      co_await send_all();
    } catch (...) {
      failure = std::current_exception();
    }
    const auto deadline = session_.client.deadline_in_ms(failure ? 0 : interrupted_ ? 5'000 : 120'000);
    co_await producer_.close(deadline);
    if (failure) std::rethrow_exception(failure);
    co_return report_result();
  }

 private:
  asio::awaitable<void> send_all() {
    co_await find_topic();
    session_.long_work_begins();
    session_.printer.leave_out(client::EventKind::produce_failed);
    LineReader lines(unescape(flags_.delimiter));
    std::string_view line;
    bool more = true;
    while (more && !producer_.first_error()) {
      more = co_await input_.read(lines.buffer(), read_bytes);
      while (!producer_.first_error() && lines.next(line)) co_await send(line);
      if (lines.pending() > record_bytes_max) throw too_long();
    }
    if (!interrupted_ && !producer_.first_error() && lines.last(line)) co_await send(line);
  }

  /// A topic that is not there is told before the first line is typed.
  asio::awaitable<void> find_topic() {
    std::vector<int> partitions;
    if (flags_.partition >= 0) partitions.push_back(flags_.partition);
    const auto deadline = session_.deadline();
    co_await topic_partitions(session_.client, flags_.topic, partitions, deadline);
  }

  asio::awaitable<void> send(std::string_view line) {
    std::optional<std::string_view> key, value = line;
    if (!flags_.fixed_key.empty()) key = flags_.fixed_key;
    if (const auto at = separator_.empty() ? line.npos : line.find(separator_); at != line.npos) {
      key = line.substr(0, at);
      value = line.substr(at + separator_.size());
    }
    if (flags_.null_empty && key && key->empty()) key.reset();
    if (flags_.null_empty && value->empty()) value.reset();
    if (!producer_.try_send(flags_.topic, flags_.partition, key, value, headers_)) {
      co_await producer_.send(flags_.topic, flags_.partition, key, value, headers_);
    }
    ++taken_;
  }

  Error too_long() const {
    Error error(Error::Stage::config, fmt::format("take record {} of the input", taken_ + 1), "",
                fmt::format("it is longer than {} MiB", record_bytes_max >> 20));
    return error.hint("is the --delimiter right?");
  }

  int report_result() {
    if (flags_.json_report) {
      fmt::print("{{\"written\":{},\"failed\":{}}}\n", producer_.records_written(), producer_.records_failed());
    } else if (!flags_.connect.quiet) {
      print_error_line(fmt::format("% {} records written to {}, {} failed", producer_.records_written(), flags_.topic,
                                   producer_.records_failed()));
    }
    if (producer_.first_error()) return report(*producer_.first_error()), exit_data;
    return interrupted_ ? exit_interrupted : exit_ok;
  }

  static constexpr std::size_t read_bytes = 256 << 10;
  static constexpr std::size_t record_bytes_max = 64 << 20;  // no broker takes as much unless told to

  Session& session_;
  const ProduceFlags& flags_;
  std::string separator_;
  std::vector<records::HeaderView> headers_;
  StandardInput input_;
  client::Producer producer_;
  std::uint64_t taken_ = 0;
  bool interrupted_ = false;
};

asio::awaitable<int> produce(Session& session, const ProduceFlags& flags) {
  Producing producing(session, flags);
  co_return co_await producing.run();
}

}  // namespace

void add_produce(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("produce", "Write lines of standard input as records");
  auto flags = std::make_shared<ProduceFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic", flags->topic, "Topic")->required();
  command->add_option("-p,--partition", flags->partition, "Partition; without, by key as the Java client does")
      ->check(CLI::Range(0, max_partition));
  command->add_option("-K,--key-separator", flags->key_separator, "What stands between key and value of a line");
  command->add_option("-k,--key", flags->fixed_key, "Key of all records");
  command->add_option("-D,--delimiter", flags->delimiter, "What ends a record")->capture_default_str();
  command->add_option("-H,--header", flags->headers, "name=value, or name alone for null; may be repeated")
      ->allow_extra_args(false);
  command->add_option("-z,--compression", flags->codec, "How batches are compressed")
      ->type_name("none|gzip|snappy|lz4|zstd")
      ->capture_default_str();
  command->add_option("--compression-level", flags->level, "The codec's own scale; its default without");
  command->add_option("--acks", flags->acks, "Who must have a record before it counts as written")
      ->type_name("0|1|all")
      ->capture_default_str();
  command->add_option("--batch-bytes", flags->batch_bytes, "Size of a batch before compression")
      ->check(CLI::Range(1024, 64 << 20))
      ->capture_default_str();
  command->add_option("--linger-ms", flags->linger_ms, "How long a batch may wait to fill up")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  command->add_flag("-Z,--null", flags->null_empty, "Empty keys and values are null");
  command->add_flag("--json", flags->json_report, "Report as JSON on standard output");
  command->add_flag("-P")->group("");  // kcat's letter for this command: its command lines work as they are
  command->callback([flags, &exit_code] {
    producer_options(*flags);  // what is wrong there is told without asking the cluster
    exit_code = run_session(flags->connect, [flags](Session& session) { return produce(session, *flags); });
  });
}

}  // namespace barnabas::tools
