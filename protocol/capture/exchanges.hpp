// Kafka's requests and responses in the streams of a capture, each request with its response.
#pragma once

#include <deque>
#include <set>

#include "barnabas/protocol/capture/tcp_streams.hpp"
#include "barnabas/protocol/frame.hpp"

namespace barnabas::protocol {

struct Exchange {
  enum class Answer {
    seen,
    none,    // a produce request with acks = 0 gets none
    missing  // the capture or the connection ended first
  };

  Endpoint client;
  Endpoint broker;
  int64 request_ns = 0;   // of the segment that completed it
  int64 response_ns = 0;  // the same; 0 without response
  RequestHeader header;
  Answer answer = Answer::missing;
  /// Frames without their sizes. A frame above ExchangeReader::frame_bytes_max has only its first bytes here.
  bytes request;
  bytes response;
  std::size_t request_bytes = 0;  // on the wire
  std::size_t response_bytes = 0;

  bool request_cut() const { return request.size() < request_bytes; }
  bool response_cut() const { return response.size() < response_bytes; }
};

class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  /// In the order of the answers. Views are valid during the call.
  virtual void on_exchange(const Exchange& exchange) = 0;
  /// Something that a reader should know: bytes that the capture lacks, a connection that is not Kafka's.
  virtual void on_notice(const Endpoint& client, const Endpoint& broker, int64 time_ns, const std::string& what) = 0;
};

/// Follows connections to the given ports. After a gap, and on connections that were open when the capture began, it
/// goes on at the next bytes that look like the header of a request, or answer one that was seen. At most
/// held_bytes_max are kept for answers to come; beyond that, bodies of requests are dropped. Not thread-safe.
class ExchangeReader final : public StreamSink {
 public:
  static constexpr std::size_t frame_bytes_max = std::size_t{16} << 20;
  static constexpr std::size_t held_bytes_max = std::size_t{256} << 20;

  ExchangeReader(std::set<uint16> broker_ports, ExchangeSink& sink) : ports_(std::move(broker_ports)), sink_(sink) {}

  /// Whether a segment belongs to a connection that is followed.
  bool wants(const Segment& segment) const {
    return ports_.contains(segment.from.port) || ports_.contains(segment.to.port);
  }

  void on_begin(const Flow& flow, int64 time_ns, bool whole) override;
  void on_bytes(const Flow& flow, int64 time_ns, bytes data) override;
  void on_gap(const Flow& flow, int64 time_ns, uint64 missing_bytes) override;
  void on_end(const Flow& flow, int64 time_ns) override;

 private:
  /// Cuts one direction into frames.
  struct Frames {
    enum class State { in_frames, searching, given_up };
    State state = State::in_frames;
    bool open = false;
    bool fresh = true;       // nothing was read yet
    std::string buffer;      // the frame that is not complete, with its size
    std::size_t beyond = 0;  // bytes of a frame that is too big to be kept which are still to come
  };
  struct Pending {
    RequestHeader header;
    std::string client_id;
    std::string frame;
    std::size_t wire_bytes = 0;
    int64 time_ns = 0;
  };
  struct Connection {
    Frames requests;
    Frames responses;
    std::deque<Pending> pending;
    std::size_t bare_tokens = 0;  // of SASL, behind SaslHandshake 0, that wait for an answer
    bool bare = false;
  };
  using Place = std::map<Flow, Connection>::iterator;

  bool is_request(const Flow& flow) const { return ports_.contains(flow.to.port); }
  Flow to_broker(const Flow& flow) const { return is_request(flow) ? flow : flow.reverse(); }
  void reset(Frames& frames, Frames::State state);
  void cut(Place place, bool request, int64 time_ns);
  bool search(const Connection& connection, Frames& frames, bool request) const;
  void frame(Place place, bool request, int64 time_ns, bytes data, std::size_t wire_bytes);
  void request_frame(Place place, int64 time_ns, bytes data, std::size_t wire_bytes);
  void response_frame(Place place, int64 time_ns, bytes data, std::size_t wire_bytes);
  void lose(Place place, bool request, int64 time_ns, const std::string& why);
  void emit(Place place, const Pending& pending, Exchange::Answer answer, int64 time_ns, bytes response,
            std::size_t response_bytes);
  void drop_pending(Place place);
  void notice(Place place, int64 time_ns, const std::string& what);

  std::set<uint16> ports_;
  ExchangeSink& sink_;
  std::map<Flow, Connection> connections_;
  std::size_t held_bytes_ = 0;
};

}  // namespace barnabas::protocol
