// TCP segments of a capture put back into streams of bytes.
#pragma once

#include <map>

#include "barnabas/protocol/capture/packets.hpp"

namespace barnabas::protocol {

/// One direction of a connection.
struct Flow {
  Endpoint from;
  Endpoint to;

  Flow reverse() const { return {to, from}; }
  friend auto operator<=>(const Flow&, const Flow&) = default;
};

/// Hears what became of the segments.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  /// `whole`: from its first byte on; else the connection was open already when the capture began.
  virtual void on_begin(const Flow& flow, int64 time_ns, bool whole) = 0;
  /// The next bytes, as they stood in one segment.
  virtual void on_bytes(const Flow& flow, int64 time_ns, bytes data) = 0;
  /// The capture lacks this many bytes here.
  virtual void on_gap(const Flow& flow, int64 time_ns, uint64 missing_bytes) = 0;
  /// Closed, reset, or the capture is over.
  virtual void on_end(const Flow& flow, int64 time_ns) = 0;
};

/// Puts segments in order and leaves out what is sent again. What is missing is waited for until the other side says
/// that it got it and a second has passed, or until 1 MiB waits behind it; then it is a gap. At most 64 MiB wait
/// altogether, and 65,536 flows are followed at a time. Not thread-safe.
class TcpStreams {
 public:
  explicit TcpStreams(StreamSink& sink) : sink_(sink) {}

  void add(const Segment& segment);
  /// The capture is over: hands out what waited behind gaps and ends all flows.
  void finish();
  /// Flows that were not followed because there were too many.
  uint64 refused_flows() const { return refused_; }

 private:
  struct Waiting {
    std::string data;
    std::size_t wire_bytes = 0;
    int64 time_ns = 0;
  };
  struct State {
    uint32 next = 0;     // the sequence number that comes next
    uint64 taken = 0;    // bytes up to it
    int64 last_ns = 0;   // of any segment
    int64 since_ns = 0;  // something is missing
    bool ends = false;
    uint64 end = 0;  // the place of FIN
    std::map<uint64, Waiting> waiting;
    std::size_t waiting_bytes = 0;
  };
  using States = std::map<Flow, State>;

  State* find_or_begin(const Flow& flow, const Segment& segment);
  bool make_room(int64 now_ns);
  void take(const Flow& flow, State& state, const Segment& segment);
  void hand_out(const Flow& flow, State& state, int64 time_ns, bytes data, std::size_t wire_bytes);
  void drain(const Flow& flow, State& state);
  void skip_hole(const Flow& flow, State& state);
  void acknowledge(const Flow& flow, const Segment& segment);
  void end(const Flow& flow, int64 time_ns);

  StreamSink& sink_;
  States states_;
  std::size_t waiting_bytes_ = 0;
  uint64 refused_ = 0;
  int64 now_ns_ = 0;
};

}  // namespace barnabas::protocol
