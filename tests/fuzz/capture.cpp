// Any bytes as a capture, and any order of TCP segments: no crash, and no exchange that is more than the segments held.
//   byte 0, bit 0 = 0   the rest is a file, read in pieces of byte 1
//   byte 0, bit 0 = 1   the rest describes segments of one connection, five bytes and a payload each
#include <cstdlib>

#include "barnabas/protocol/capture/exchanges.hpp"

namespace {

using namespace barnabas::protocol;

void require(bool holds) {
  if (!holds) std::abort();
}

class Sink final : public ExchangeSink {
 public:
  void on_exchange(const Exchange& exchange) override {
    require(exchange.request.size() <= exchange.request_bytes && exchange.response.size() <= exchange.response_bytes);
    require(exchange.answer == Exchange::Answer::seen || exchange.response.empty());
    bytes_ += exchange.request.size() + exchange.response.size();
  }
  void on_notice(const Endpoint&, const Endpoint&, int64, const std::string& what) override { require(!what.empty()); }
  std::size_t seen_bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

void read_file(bytes file, std::size_t piece, TcpStreams& streams, const ExchangeReader& exchanges) {
  CaptureReader reader;
  while (!file.empty()) {
    reader.push(file.first(std::min(piece, file.size())));
    file = file.subspan(std::min(piece, file.size()));
    Segment segment;
    CaptureReader::Step step;
    while ((step = reader.next(segment)) == CaptureReader::Step::segment) {
      require(segment.payload.size() <= segment.payload_bytes);
      if (exchanges.wants(segment)) streams.add(segment);
    }
    require((step == CaptureReader::Step::broken) == !reader.why().empty());
    if (step == CaptureReader::Step::broken) return;
  }
}

void make_segments(bytes recipe, TcpStreams& streams) {
  Endpoint client, broker;
  client.port = 40000;
  broker.port = 9092;
  int64 now_ns = 0;
  while (recipe.size() >= 5) {
    const auto octet = [&](std::size_t at) { return static_cast<uint8>(recipe[at]); };
    const bool to_broker = (octet(0) & 1) == 0;
    Segment segment;
    segment.from = to_broker ? client : broker;
    segment.to = to_broker ? broker : client;
    segment.syn = (octet(0) & 2) != 0;
    segment.fin = (octet(0) & 4) != 0;
    segment.reset = (octet(0) & 8) != 0;
    segment.ack = (octet(0) & 16) != 0;
    // Near the end of the numbers, so that they wrap.
    segment.sequence = 0xffffff80U + octet(1);
    segment.acknowledged = 0xffffff80U + octet(2);
    now_ns += int64{octet(3)} * 100'000'000;
    segment.time_ns = now_ns;
    const std::size_t size = std::min<std::size_t>(octet(4), recipe.size() - 5);
    segment.payload = recipe.subspan(5, size);
    segment.payload_bytes = octet(4);
    streams.add(segment);
    recipe = recipe.subspan(5 + size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);
  Sink sink;
  ExchangeReader exchanges({9092}, sink);
  TcpStreams streams(exchanges);
  if ((data[0] & 1) == 0) {
    read_file(input, 1 + data[1], streams, exchanges);
  } else {
    make_segments(input, streams);
  }
  streams.finish();
  require(sink.seen_bytes() <= size);
  return 0;
}
