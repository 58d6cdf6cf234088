#include "barnabas/tools/protocol_capture.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "barnabas/protocol/capture/exchanges.hpp"
#include "barnabas/protocol/errors.hpp"
#include "barnabas/protocol/messages/registry.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/protocol_convert.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

using namespace protocol;

constexpr std::size_t read_bytes = std::size_t{1} << 20;
constexpr int64 ns_per_s = 1'000'000'000;

std::string time_text(int64 time_ns) {
  const int64 ns = (time_ns % ns_per_s + ns_per_s) % ns_per_s;
  const std::time_t seconds = (time_ns - ns) / ns_per_s;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ns / 1000);
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// One message of an exchange as it is shown.
struct Shown {
  std::string json;   // empty: there is none, or it cannot be read
  std::string error;  // why not
};

/// Prints exchanges as they complete.
class Printer final : public ExchangeSink {
 public:
  explicit Printer(const CaptureFlags& flags) : flags_(flags) {
    converter_.set_mode(lenient);
    converter_.set_secrets(Secrets::hide);
  }

  void on_exchange(const Exchange& exchange) override {
    ++exchanges_;
    const Shown request = read(exchange, MessageKind::request), response = read(exchange, MessageKind::response);
    unreadable_ += (request.error.empty() ? 0 : 1) + (response.error.empty() ? 0 : 1);
    flags_.json ? print_json(exchange, request, response) : print_text(exchange, request, response);
  }

  void on_notice(const Endpoint& client, const Endpoint& broker, int64 time_ns, const std::string& what) override {
    if (flags_.json) {
      fmt::print(R"({{"time":"{}","client":"{}","broker":"{}","notice":{}}})"
                 "\n",
                 time_text(time_ns), client.to_string(), broker.to_string(), json_text(what));
    } else {
      fmt::print("{} {} > {}  % {}\n", time_text(time_ns), client.to_string(), broker.to_string(), one_line(what));
    }
  }

  uint64 exchanges() const { return exchanges_; }
  uint64 unreadable() const { return unreadable_; }

 private:
  Shown read(const Exchange& exchange, MessageKind kind) {
    const bool is_request = kind == MessageKind::request;
    if (!is_request && exchange.answer != Exchange::Answer::seen) return {};
    const MessageInfo* const info = find_message(exchange.header.api_key, kind);
    if (info == nullptr) return {{}, "is of an API that is not known here"};
    if (is_request ? exchange.request_cut() : exchange.response_cut()) return {{}, "is too big to be kept"};
    const bytes frame = is_request ? exchange.request : exchange.response;
    std::size_t body_at = 0;
    if (is_request) {
      const auto header = decode_request_header(frame);
      if (!header) return {{}, header.error().text()};
      body_at = header->body_at;
    } else {
      const auto header =
          decode_response_header(frame, response_header_version(exchange.header.api_key, exchange.header.api_version));
      if (!header) return {{}, header.error().text()};
      body_at = header->body_at;
    }
    const bytes body = frame.subspan(body_at);
    Shown shown;
    const Subject subject{info, version_of(exchange, *info, body), false};
    if (const auto refusal = converter_.decode_body(subject, body, shown.json)) return {{}, refusal->text()};
    return shown;
  }

  /// A broker that does not know the version of an ApiVersions request answers with version 0, whatever was asked.
  static int version_of(const Exchange& exchange, const MessageInfo& info, bytes body) {
    const bool refused = info.kind == MessageKind::response && ApiKey{info.api.key} == ApiKey::api_versions &&
                         body.size() >= 2 && body[0] == 0 &&
                         body[1] == static_cast<char>(ErrorCode::unsupported_version);
    return refused ? 0 : exchange.header.api_version;
  }

  bool too_long(const std::string& json) const {
    return flags_.bytes_shown_max > 0 && json.size() > flags_.bytes_shown_max;
  }
  /// Does not cut through a character.
  std::string_view beginning(std::string_view json) const {
    std::size_t size = flags_.bytes_shown_max;
    while (size > 0 && (json[size] & 0xc0) == 0x80) --size;
    return json.substr(0, size);
  }

  void print_message(char arrow, const std::string& note, const Shown& shown) const {
    if (!shown.error.empty()) {
      fmt::print("  {} {}cannot be read: {}\n", arrow, note, one_line(shown.error));
    } else if (too_long(shown.json)) {
      fmt::print("  {} {}{}… ({} bytes of JSON)\n", arrow, note, beginning(shown.json), shown.json.size());
    } else {
      fmt::print("  {} {}{}\n", arrow, note, shown.json);
    }
  }

  void print_text(const Exchange& exchange, const Shown& request, const Shown& response) const {
    const RequestHeader& header = exchange.header;
    fmt::print("{} {} > {}  {} v{} #{}{}, {} bytes\n", time_text(exchange.request_ns), exchange.client.to_string(),
               exchange.broker.to_string(), api_name(header.api_key), header.api_version, header.correlation_id,
               header.client_id ? " " + one_line(*header.client_id) : "", exchange.request_bytes);
    print_message('>', "", request);
    switch (exchange.answer) {
      case Exchange::Answer::seen:
        print_message('<', fmt::format("{:.3f} ms, {} bytes ", latency_ms(exchange), exchange.response_bytes),
                      response);
        break;
      case Exchange::Answer::none: fmt::print("  < acks = 0, no answer\n"); break;
      case Exchange::Answer::missing: fmt::print("  < no answer seen\n"); break;
    }
  }

  static double latency_ms(const Exchange& exchange) {
    return static_cast<double>(exchange.response_ns - exchange.request_ns) / 1e6;
  }

  void append_message(std::string& line, const char* name, const Shown& shown) const {
    if (!shown.error.empty()) {
      line += fmt::format(R"(,"{}_error":{})", name, json_text(shown.error));
    } else if (too_long(shown.json)) {
      line += fmt::format(R"(,"{}_cut":{},"{}_json_bytes":{})", name, json_text(beginning(shown.json)), name,
                          shown.json.size());
    } else {
      line += fmt::format(R"(,"{}":{})", name, shown.json.empty() ? "null" : shown.json);
    }
  }

  void print_json(const Exchange& exchange, const Shown& request, const Shown& response) const {
    constexpr const char* answers[] = {"seen", "none", "missing"};
    const RequestHeader& header = exchange.header;
    std::string line = fmt::format(
        R"({{"time":"{}","client":"{}","broker":"{}","api":"{}","key":{},"version":{},"correlation_id":{},"client_id":{})",
        time_text(exchange.request_ns), exchange.client.to_string(), exchange.broker.to_string(),
        api_name(header.api_key), header.api_key, header.api_version, header.correlation_id,
        header.client_id ? json_text(*header.client_id) : "null");
    line += fmt::format(R"(,"request_bytes":{},"answer":"{}")", exchange.request_bytes,
                        answers[static_cast<int>(exchange.answer)]);
    if (exchange.answer == Exchange::Answer::seen) {
      line += fmt::format(R"(,"response_bytes":{},"latency_ms":{:.6f})", exchange.response_bytes, latency_ms(exchange));
    }
    append_message(line, "request", request);
    append_message(line, "response", response);
    fmt::print("{}}}\n", line);
  }

  const CaptureFlags& flags_;
  Converter converter_;
  uint64 exchanges_ = 0;
  uint64 unreadable_ = 0;
};

class File {
 public:
  explicit File(const std::string& name)
      : fd_(name == "-" ? STDIN_FILENO : open(name.c_str(), O_RDONLY | O_CLOEXEC)), name_(name) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "could not open " + name_);
  }
  ~File() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// Empty at the end.
  bytes read() {
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "could not read " + name_);
    return bytes(buffer_).first(static_cast<std::size_t>(got));
  }

 private:
  int fd_;
  std::string name_;
  std::string buffer_ = std::string(read_bytes, '\0');
};

/// Which ports data went to: a hint when the one that was named saw nothing.
class Ports {
 public:
  void saw(const Segment& segment) {
    if (!segment.payload.empty()) ++packets_[segment.to.port];
  }
  std::string busiest() const {
    std::vector<std::pair<uint64, uint16>> ranked;
    for (const auto& [port, packets] : packets_) ranked.emplace_back(packets, port);
    std::ranges::sort(ranked, std::greater<>());
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 4); ++i) {
      text += fmt::format("{}{} ({} packets)", i > 0 ? ", " : "", ranked[i].second, ranked[i].first);
    }
    return text;
  }

 private:
  std::map<uint16, uint64> packets_;
};

void sum_up(const CaptureReader& reader, const TcpStreams& streams, const Printer& printer) {
  const CaptureReader::Counts& counts = reader.counts();
  std::string line =
      fmt::format("% {} packets, {} of TCP, {} requests", counts.packets, counts.segments, printer.exchanges());
  const auto add = [&](uint64 count, const char* what) {
    if (count > 0) line += fmt::format(", {} {}", count, what);
  };
  add(printer.unreadable(), "messages that could not be read");
  add(counts.fragments, "fragments of IP left out");
  add(counts.damaged, "damaged packets");
  add(streams.refused_flows(), "segments of too many connections left out");
  print_error_line(line);
}

}  // namespace

void add_capture_flags(CLI::App& command, CaptureFlags& flags) {
  command
      .add_option("--pcap", flags.file,
                  "A capture (pcap or pcapng, - for standard input): each request with its response")
      ->type_name("FILE");
  command.add_option("--port", flags.ports, "With --pcap: port of the brokers; may be repeated; 9092")
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 0xffff));
  command.add_option("--max-bytes-shown", flags.bytes_shown_max,
                     "With --pcap: JSON beyond so many bytes is cut; 0 shows all; 2000");
  command.add_flag("--json", flags.json, "With --pcap: one JSON object a request");
}

int show_capture(const CaptureFlags& flags) {
  File file(flags.file);
  Printer printer(flags);
  ExchangeReader exchanges(std::set<uint16>(flags.ports.begin(), flags.ports.end()), printer);
  TcpStreams streams(exchanges);
  Ports ports;
  CaptureReader reader;
  Segment segment;
  CaptureReader::Step step = CaptureReader::Step::more;
  for (bytes data = file.read(); !data.empty() && step == CaptureReader::Step::more; data = file.read()) {
    reader.push(data);
    while ((step = reader.next(segment)) == CaptureReader::Step::segment) {
      ports.saw(segment);
      if (exchanges.wants(segment)) streams.add(segment);
    }
    // tcpdump may still be writing.
    if (std::fflush(stdout) != 0) return exit_ok;
  }
  streams.finish();
  std::fflush(stdout);
  sum_up(reader, streams, printer);
  if (printer.exchanges() == 0 && !ports.busiest().empty()) {
    print_error_line("% no request to the ports of --port; data went to " + ports.busiest());
  }
  if (step == CaptureReader::Step::broken) {
    print_error_line(fmt::format("barnabas: {}: {}", one_line(flags.file), reader.why()));
    return exit_data;
  }
  if (reader.left_over() > 0) print_error_line("barnabas: the capture ends in the middle of a packet");
  return exit_ok;
}

}  // namespace barnabas::tools
