// barnabas produce: lines from standard input become records.
#include <fmt/core.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "barnabas/client/produce/producer.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/escapes.hpp"
#include "barnabas/tools/session.hpp"

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

/// Reads up to the next delimiter (left out); false at the end of the input.
class LineReader {
 public:
  explicit LineReader(std::string delimiter) : delimiter_(std::move(delimiter)) {}

  bool next(std::string_view& line) {
    while (true) {
      const auto found = buffer_.find(delimiter_, at_);
      if (found != std::string::npos) {
        line = std::string_view(buffer_).substr(at_, found - at_);
        at_ = found + delimiter_.size();
        return true;
      }
      if (ended_) {
        line = std::string_view(buffer_).substr(at_);
        at_ = buffer_.size();
        return !line.empty();
      }
      fill();
    }
  }

 private:
  void fill() {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + (256 << 10));
    const std::size_t got = std::fread(buffer_.data() + before, 1, buffer_.size() - before, stdin);
    buffer_.resize(before + got);
    ended_ = got == 0;
  }

  std::string delimiter_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

asio::awaitable<void> send_all(client::Producer& producer, const ProduceFlags& flags) {
  const std::string separator = unescape(flags.key_separator);
  const auto headers = header_views(flags.headers);
  LineReader lines(unescape(flags.delimiter));
  std::string_view line;
  while (lines.next(line) && !producer.first_error()) {
    std::optional<std::string_view> key, value = line;
    if (!flags.fixed_key.empty()) key = flags.fixed_key;
    if (const auto at = separator.empty() ? line.npos : line.find(separator); at != line.npos) {
      key = line.substr(0, at);
      value = line.substr(at + separator.size());
    }
    if (flags.null_empty && key && key->empty()) key.reset();
    if (flags.null_empty && value->empty()) value.reset();
    if (!producer.try_send(flags.topic, flags.partition, key, value, headers)) {
      co_await producer.send(flags.topic, flags.partition, key, value, headers);
    }
  }
}

asio::awaitable<int> produce(Session& session, const ProduceFlags& flags) {
  client::Producer producer(session.client, producer_options(flags));
  std::exception_ptr failure;
  try {
    co_await send_all(producer, flags);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto deadline = session.client.deadline_in_ms(failure ? 0 : 120'000);
  co_await producer.close(deadline);
  if (failure) std::rethrow_exception(failure);
  if (flags.json_report) {
    fmt::print("{{\"written\":{},\"failed\":{}}}\n", producer.records_written(), producer.records_failed());
  } else if (!flags.connect.quiet) {
    fmt::print(stderr, "% {} records written to {}, {} failed\n", producer.records_written(), flags.topic,
               producer.records_failed());
  }
  if (producer.first_error()) {
    report(*producer.first_error());
    co_return exit_data;
  }
  co_return exit_ok;
}

}  // namespace

void add_produce(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("produce", "Write lines of standard input as records");
  auto flags = std::make_shared<ProduceFlags>();
  flags->connect.add_to(*command);
  command->add_option("-t,--topic", flags->topic, "Topic")->required();
  command->add_option("-p,--partition", flags->partition, "Partition; without, by key as the Java client does");
  command->add_option("-K,--key-separator", flags->key_separator, "What stands between key and value of a line");
  command->add_option("-k,--key", flags->fixed_key, "Key of all records");
  command->add_option("-D,--delimiter", flags->delimiter, "What ends a record")->capture_default_str();
  command->add_option("-H,--header", flags->headers, "name=value, or name alone for null; may be repeated");
  command->add_option("-z,--compression", flags->codec, "none, gzip, snappy, lz4, zstd")->capture_default_str();
  command->add_option("--compression-level", flags->level, "The codec's own scale; its default without");
  command->add_option("--acks", flags->acks, "0, 1 or all")->capture_default_str();
  command->add_option("--batch-bytes", flags->batch_bytes, "Size of a batch before compression")
      ->check(CLI::Range(1024, 64 << 20))
      ->capture_default_str();
  command->add_option("--linger-ms", flags->linger_ms, "How long a batch may wait to fill up")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  command->add_flag("-Z,--null", flags->null_empty, "Empty keys and values are null");
  command->add_flag("--json", flags->json_report, "Report as JSON on standard output");
  command->callback([flags, &exit_code] {
    const SessionOptions options;
    exit_code = run_session(flags->connect, options, [flags](Session& session) { return produce(session, *flags); });
  });
}

}  // namespace barnabas::tools
