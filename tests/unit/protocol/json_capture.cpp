// Captures: file formats, link layers, TCP streams, Kafka's requests and responses in them.
#include <doctest/doctest.h>

#include <random>

#include "barnabas/protocol/capture/exchanges.hpp"
#include "barnabas/protocol/messages/heartbeat.hpp"
#include "barnabas/protocol/messages/produce.hpp"
#include "json_capture_support.hpp"

namespace barnabas::protocol::test {

namespace {

struct Read {
  std::vector<Segment> segments;
  std::vector<std::string> payloads;
  CaptureReader::Counts counts;
  std::string why;
  std::size_t left_over = 0;
};

/// `piece_bytes` at a time.
Read read_capture(const std::string& file, std::size_t piece_bytes = std::string::npos) {
  Read out;
  CaptureReader reader;
  CaptureReader::Step step = CaptureReader::Step::more;
  for (std::size_t at = 0; at < file.size() && step == CaptureReader::Step::more;) {
    const std::string piece = file.substr(at, piece_bytes);
    at += piece.size();
    reader.push(bytes(piece));
    Segment segment;
    while ((step = reader.next(segment)) == CaptureReader::Step::segment) {
      out.payloads.emplace_back(segment.payload.data(), segment.payload.size());
      out.segments.push_back(segment);
    }
  }
  out.counts = reader.counts();
  out.why = reader.why();
  out.left_over = reader.left_over();
  return out;
}

/// What streams and exchanges say, as lines.
class Log final : public StreamSink, public ExchangeSink {
 public:
  std::vector<std::string> lines;

  void on_begin(const Flow& flow, int64, bool whole) override { say(flow, whole ? "begins" : "is open"); }
  void on_bytes(const Flow& flow, int64, bytes data) override { say(flow, std::string(data.data(), data.size())); }
  void on_gap(const Flow& flow, int64, uint64 missing) override { say(flow, "lacks " + std::to_string(missing)); }
  void on_end(const Flow& flow, int64) override { say(flow, "ends"); }

  void on_exchange(const Exchange& exchange) override {
    const char* const answers[] = {"seen", "none", "missing"};
    lines.push_back(api_name(exchange.header.api_key) + " " + std::to_string(exchange.header.correlation_id) + " " +
                    std::string(exchange.header.client_id.value_or("-")) + " " +
                    answers[static_cast<int>(exchange.answer)] + " " + std::to_string(exchange.request.size()) + "/" +
                    std::to_string(exchange.response.size()));
  }
  void on_notice(const Endpoint&, const Endpoint&, int64, const std::string& what) override {
    lines.push_back("% " + what);
  }

 private:
  void say(const Flow& flow, const std::string& what) { lines.push_back((flow.to.port == 9092 ? "> " : "< ") + what); }
};

std::vector<Segment> segments_of(std::vector<std::string>& keep, const std::vector<Sent>& all,
                                 int64 step_ns = 1'000'000) {
  keep.clear();
  for (const Sent& sent : all) keep.push_back(sent.payload);
  std::vector<Segment> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Segment segment = read_capture(pcap_of({ethernet(ipv4_of(all[i]))})).segments.at(0);
    segment.payload = bytes(keep[i]);
    segment.time_ns = static_cast<int64>(i) * step_ns;
    out.push_back(segment);
  }
  return out;
}

using Lines = std::vector<std::string>;

Lines streams(const std::vector<Sent>& all, int64 step_ns = 1'000'000) {
  Log log;
  TcpStreams tcp(log);
  std::vector<std::string> keep;
  for (const Segment& segment : segments_of(keep, all, step_ns)) tcp.add(segment);
  tcp.finish();
  return log.lines;
}

Lines exchanges(const std::vector<Sent>& all, int64 step_ns = 1'000'000) {
  Log log;
  ExchangeReader reader({9092}, log);
  TcpStreams tcp(reader);
  std::vector<std::string> keep;
  for (const Segment& segment : segments_of(keep, all, step_ns)) tcp.add(segment);
  tcp.finish();
  return log.lines;
}

std::string heartbeat(int id) {
  HeartbeatRequest request;
  request.group_id = "g";
  return encode_request(request, 4, id, string("me")).value();
}
std::string heartbeat_answer(int id) { return encode_response(HeartbeatResponse{}, 4, id).value(); }

std::string produce(int id, int16 acks) {
  ProduceRequest request;
  request.acks = acks;
  return encode_request(request, 9, id, string("me")).value();
}

}  // namespace

TEST_CASE("captures of all forms hold the same segment") {
  const Sent sent{.sequence = 77, .payload = "hello", .flags = "A", .acknowledged = 5};
  for (const bool little : {true, false}) {
    for (const bool nanoseconds : {true, false}) {
      for (const bool next_generation : {true, false}) {
        const PcapForm form{.little = little, .nanoseconds = nanoseconds};
        const std::vector<std::string> packets{ethernet(ipv4_of(sent)), ethernet(ipv4_of(sent))};
        const std::string file = next_generation ? pcapng_of(packets, form) : pcap_of(packets, form);
        for (const std::size_t piece_bytes : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
          const Read read = read_capture(file, piece_bytes);
          REQUIRE(read.segments.size() == 2);
          const Segment& segment = read.segments[1];
          CHECK(read.payloads[1] == "hello");
          CHECK(segment.time_ns == 1'000'001'000'000);
          CHECK(segment.from.to_string() == "10.0.0.1:50000");
          CHECK(segment.to.to_string() == "10.0.0.2:9092");
          CHECK(segment.sequence == 77);
          CHECK(segment.acknowledged == 5);
          CHECK(segment.ack);
          CHECK_FALSE(segment.syn);
          CHECK(segment.payload_bytes == 5);
          CHECK(read.left_over == 0);
          CHECK(read.why.empty());
        }
      }
    }
  }
}

TEST_CASE("link layers") {
  const Sent sent{.payload = "hello"};
  const std::string ip = ipv4_of(sent);
  const auto reads = [](std::uint32_t link_type, const std::string& packet) {
    const Read read = read_capture(pcap_of({packet}, {.link_type = link_type}));
    return read.payloads == Lines{"hello"};
  };
  CHECK(reads(1, ethernet(ip)));
  CHECK(reads(1, ethernet(ip) + "padding"));
  CHECK(reads(1, ethernet(ip, std::string("\x81\0\0\x05\x08\0", 6))));
  CHECK(reads(1, ethernet(ip, std::string("\x88\xa8\0\x05\x81\0\0\x06\x08\0", 10))));
  CHECK(reads(0, std::string("\x02\0\0\0", 4) + ip));
  CHECK(reads(108, std::string("\0\0\0\x02", 4) + ip));
  CHECK(reads(101, ip));
  CHECK(reads(12, ip));
  CHECK(reads(228, ip));
  CHECK(reads(113, std::string(14, '\0') + std::string("\x08\0", 2) + ip));
  CHECK(reads(276, std::string("\x08\0", 2) + std::string(18, '\0') + ip));
  CHECK(reads(1, ethernet(ipv6_of(sent), "\x86\xdd")));
  CHECK_FALSE(reads(1, ethernet(ip, "\x08\x06")));
  CHECK_FALSE(reads(147, ip));
  const Read read = read_capture(pcap_of({ipv6_of(sent)}, {.link_type = 101}));
  REQUIRE(read.segments.size() == 1);
  CHECK(read.segments[0].from.to_string() == "[::1]:50000");
  CHECK(read.segments[0].to.to_string() == "[2001::2]:9092");
}

TEST_CASE("a capture may be cut or damaged anywhere") {
  const Sent sent{.payload = "hello"};
  const std::vector<std::string> packets{ethernet(ipv4_of(sent)), ethernet(ipv6_of(sent), "\x86\xdd")};
  std::mt19937_64 chance(1);
  for (const std::string& file : {pcap_of(packets), pcapng_of(packets)}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      const Read read = read_capture(file.substr(0, size));
      CHECK(read.segments.size() < 2);
      CHECK(read.why.empty());
    }
    for (int round = 0; round < 20'000; ++round) {
      std::string changed = file;
      for (int i = 0; i < 3; ++i) changed[chance() % changed.size()] = static_cast<char>(chance());
      for (const Segment& segment : read_capture(changed).segments)
        CHECK(segment.payload.size() <= segment.payload_bytes);
    }
  }
  CHECK(read_capture("GET / HTTP/1.1\r\n").why == "this is neither pcap nor pcapng");
  std::string huge = pcap_of({});
  put_number(huge, 0, 8, true);
  put_number(huge, 0x7fffffff, 4, true);
  put_number(huge, 0x7fffffff, 4, true);
  CHECK(read_capture(huge).why == "a packet of 2147483647 bytes");
}

TEST_CASE("segments in any order make the same stream") {
  // The sequence numbers wrap on the way.
  const std::uint32_t start = 0xfffffffa;
  std::vector<Sent> middle{{true, start + 1, "one "}, {true, start + 5, "two "}, {true, start + 9, "three"}};
  do {
    std::vector<Sent> all{{true, start, "", "S"}};
    all.insert(all.end(), middle.begin(), middle.end());
    all.push_back({true, start + 14, "", "FA"});
    std::string got;
    const Lines lines = streams(all);
    for (const std::string& line : lines) {
      if (line != "> begins" && line != "> ends") got += line.substr(2);
    }
    CHECK(got == "one two three");
    CHECK(lines.front() == "> begins");
    CHECK(lines.back() == "> ends");
  } while (std::next_permutation(middle.begin(), middle.end(),
                                 [](const Sent& a, const Sent& b) { return a.payload < b.payload; }));
}

TEST_CASE("what is sent again is left out, also when it overlaps") {
  CHECK(streams({{true, 0, "", "S"},
                 {true, 1, "abc"},
                 {true, 1, "abc"},
                 {true, 2, "bcde"},
                 {true, 1, "ab"},
                 {true, 0, "x"}}) == Lines{"> begins", "> abc", "> de", "> ends"});
}

TEST_CASE("a FIN that comes too early waits for what is before it") {
  CHECK(streams({{true, 0, "", "S"}, {true, 4, "def", "FA"}, {true, 1, "abc"}, {true, 7, "", "A"}}) ==
        Lines{"> begins", "> abc", "> def", "> ends"});
}

TEST_CASE("a hole is a gap once the other side has got what was in it") {
  const std::vector<Sent> all{
      {true, 0, "", "S"}, {true, 1, "abc"}, {true, 6, "fgh"}, {false, 50, "", "A", 9}, {true, 9, "i"}};
  CHECK(streams(all, 2'000'000'000) == Lines{"> begins", "> abc", "> lacks 2", "> fgh", "> i", "> ends"});
  // At the end of the capture nothing more can come.
  CHECK(streams(all) == Lines{"> begins", "> abc", "> lacks 2", "> fgh", "> i", "> ends"});
}

TEST_CASE("what waits behind a hole is bounded") {
  std::vector<Sent> all{{true, 0, "", "S"}};
  for (std::uint32_t i = 0; i < 40; ++i) all.push_back({true, 2 + i * 60'000, std::string(60'000, 'x')});
  Log log;
  TcpStreams tcp(log);
  std::vector<std::string> keep;
  for (const Segment& segment : segments_of(keep, all)) tcp.add(segment);
  CHECK(log.lines.size() > 30);
  CHECK(log.lines[1] == "> lacks 1");
}

TEST_CASE("connections: reset, a port used anew, open before the capture") {
  CHECK(streams({{true, 0, "", "S"}, {true, 1, "a"}, {false, 9, "", "RA", 2}}) == Lines{"> begins", "> a", "> ends"});
  CHECK(streams({{true, 0, "", "S"}, {true, 1, "a"}, {true, 0, "", "S"}, {true, 5000, "", "S"}, {true, 5001, "b"}}) ==
        Lines{"> begins", "> a", "> ends", "> begins", "> b", "> ends"});
  CHECK(streams({{true, 3, "a"}, {true, 4, "b"}}) == Lines{"> is open", "> a", "> b", "> ends"});
  CHECK(streams({{true, 3, ""}, {false, 4, "", "FA"}}).empty());
}

TEST_CASE("requests meet their responses") {
  const std::string a = heartbeat(1), b = heartbeat(2), x = heartbeat_answer(1), y = heartbeat_answer(2);
  const std::string both = a + b;
  const auto size = [](const std::string& frame) { return std::to_string(frame.size() - 4); };
  const std::string sizes = size(a) + "/" + size(x);
  const auto n = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
  std::vector<Sent> all{{true, 0, "", "S"}, {false, 0, "", "SA", 1}};
  SUBCASE("one by one") {
    all.insert(all.end(), {{true, 1, a}, {false, 1, x}, {true, 1 + n(a), b}, {false, 1 + n(x), y}});
  }
  SUBCASE("in pieces") {
    all.insert(all.end(), {{true, 1, both.substr(0, 3)},
                           {true, 4, both.substr(3, n(a))},
                           {true, 4 + n(a), both.substr(3 + n(a))},
                           {false, 1, (x + y).substr(0, n(x) + 2)},
                           {false, 3 + n(x), (x + y).substr(n(x) + 2)}});
  }
  SUBCASE("all at once") { all.insert(all.end(), {{true, 1, both}, {false, 1, x + y}}); }
  CHECK(exchanges(all) == Lines{"Heartbeat 1 me seen " + sizes, "Heartbeat 2 me seen " + sizes});
}

TEST_CASE("requests without a response") {
  const std::string a = produce(1, 0), b = heartbeat(2), c = heartbeat(3), y = heartbeat_answer(3);
  const auto n = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
  const Lines lines = exchanges({{true, 0, "", "S"},
                                 {false, 0, "", "SA"},
                                 {true, 1, a + b + c + produce(4, -1)},
                                 {false, 1, y},
                                 {false, 1 + n(y), heartbeat_answer(9)}});
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("Produce 1 me none "));
  CHECK(lines[1].starts_with("Heartbeat 2 me missing "));
  CHECK(lines[2].starts_with("Heartbeat 3 me seen "));
  CHECK(lines[3].starts_with("% answers a request that was not seen"));
  CHECK(lines[4].starts_with("Produce 4 me missing "));
}

TEST_CASE("after a gap it goes on at the next header") {
  const std::string a = heartbeat(1), b = heartbeat(2), c = heartbeat(3);
  const auto n = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
  const std::string answer = "/" + std::to_string(n(heartbeat_answer(1)) - 4);
  // The second request lacks its beginning, and the capture begins in the middle of the answers.
  const std::string tail = b.substr(5) + c;
  const Lines lines = exchanges({{true, 0, "", "S"},
                                 {true, 1, a},
                                 {true, 1 + n(a) + 5, tail},
                                 {false, 77, "rest of an answer" + heartbeat_answer(1), "A", 1 + n(a + b + c)},
                                 {false, 77 + 17 + n(heartbeat_answer(1)), heartbeat_answer(3)}},
                                2'000'000'000);
  CHECK(lines == Lines{"% the capture lacks 5 bytes to the broker",
                       "Heartbeat 1 me seen " + std::to_string(n(a) - 4) + answer,
                       "Heartbeat 3 me seen " + std::to_string(n(c) - 4) + answer});
  const Lines open = exchanges({{true, 500, "middle of a request" + a}, {false, 900, heartbeat_answer(1)}});
  CHECK(open ==
        Lines{"% was open already when the capture began", "Heartbeat 1 me seen " + std::to_string(n(a) - 4) + answer});
}

TEST_CASE("what is not Kafka's is said once, and left") {
  const Lines tls = exchanges({{true, 0, "", "S"}, {true, 1, "\x16\x03\x01 hello"}, {true, 10, heartbeat(1)}});
  CHECK(tls == Lines{"% speaks TLS, which cannot be read"});
  const Lines http = exchanges({{true, 0, "", "S"}, {true, 1, "GET / HTTP/1.1\r\n\r\n"}});
  REQUIRE(http.size() == 1);
  CHECK(http[0].starts_with("% the client has a frame of "));
}

TEST_CASE("noise on a connection does no harm") {
  std::mt19937_64 chance(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<Sent> all;
    for (int i = 0; i < 8; ++i) {
      std::string data = (chance() & 1) != 0 ? heartbeat(static_cast<int>(chance() % 3))
                                             : heartbeat_answer(static_cast<int>(chance() % 3));
      for (std::uint64_t k = chance() % 3; k > 0; --k) data[chance() % data.size()] = static_cast<char>(chance());
      all.push_back({(chance() & 1) != 0, static_cast<std::uint32_t>(chance() % 200), data,
                     (chance() % 8) == 0 ? "S" : "A", static_cast<std::uint32_t>(chance() % 300)});
    }
    CHECK(exchanges(all).size() < 1000);
  }
}

}  // namespace barnabas::protocol::test
