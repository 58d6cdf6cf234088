// Captures of network traffic, as tcpdump, dumpcap and Wireshark write them: files of the pcap and pcapng formats, down
// to the TCP segments in them. Bytes come in pieces, so that a capture may be as long as it likes, or still be running.
#pragma once

#include <string>
#include <vector>

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

/// Where a TCP connection ends. IPv4 addresses are kept as IPv6 has them (IPv4-mapped).
struct Endpoint {
  std::array<uint8, 16> address{};
  uint16 port = 0;

  /// "10.0.0.1:9092", "[::1]:9092"
  std::string to_string() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct Segment {
  int64 time_ns = 0;  // since 1970, UTC
  Endpoint from;
  Endpoint to;
  uint32 sequence = 0;
  uint32 acknowledged = 0;
  bool syn = false;
  bool fin = false;
  bool reset = false;
  bool ack = false;
  bytes payload;                  // what was captured of it
  std::size_t payload_bytes = 0;  // what was on the wire
};

/// Reads a capture from the front. Lengths in the file are not believed: a packet of more than 1 MiB ends the reading.
/// Not thread-safe.
class CaptureReader {
 public:
  enum class Step {
    segment,  // the next one is in the argument
    more,     // push() what follows; at the end of the file this is the end
    broken    // this is no capture, or not from here on; why() says so
  };
  struct Counts {
    uint64 packets = 0;
    uint64 segments = 0;
    uint64 other = 0;      // not TCP over IP, or a link layer that is not known
    uint64 fragments = 0;  // of IP datagrams; they are not put together
    uint64 damaged = 0;    // headers that are cut off or contradict themselves
  };

  /// Takes a copy.
  void push(bytes data);
  /// The segment's payload is valid until the next call of any member.
  Step next(Segment& out);
  const std::string& why() const { return why_; }
  const Counts& counts() const { return counts_; }
  /// Bytes that wait for the rest of their packet.
  std::size_t left_over() const { return buffer_.size() - at_; }

 private:
  enum class Format { unknown, pcap, pcapng };
  struct Interface {
    uint32 link_type = 0;
    uint64 ticks_per_second = 1'000'000;
    int64 offset_s = 0;
  };
  struct Packet {
    uint32 link_type = 0;
    int64 time_ns = 0;
    bytes data;
  };

  bytes rest() const { return bytes(buffer_).subspan(at_); }
  template <class U>
  U number(bytes data, std::size_t at) const;
  Step begin();
  Step next_packet(Packet& out);
  Step next_record(Packet& out);
  Step next_block(Packet& out, bool& is_packet);
  Step read_block(uint32 type, bytes body, Packet& out, bool& is_packet);
  void read_interface(bytes body);
  bool packet_on(std::size_t interface, uint64 ticks, bytes data, Packet& out);
  Step fail(std::string why);

  std::string buffer_;
  std::size_t at_ = 0;
  uint64 skip_ = 0;  // bytes of a block that nobody wants
  Format format_ = Format::unknown;
  bool swapped_ = false;
  std::vector<Interface> interfaces_;
  Counts counts_;
  std::string why_;
};

}  // namespace barnabas::protocol
