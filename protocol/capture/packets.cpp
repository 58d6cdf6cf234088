#include "barnabas/protocol/capture/packets.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace barnabas::protocol {

namespace {

constexpr std::size_t packet_bytes_max = std::size_t{1} << 20;
constexpr std::size_t block_bytes_max = packet_bytes_max + (std::size_t{1} << 16);
constexpr std::size_t interfaces_max = 1024;
constexpr uint32 pcap_us = 0xa1b2c3d4, pcap_ns = 0xa1b23c4d;
constexpr uint32 section_header = 0x0a0d0d0a, byte_order = 0x1a2b3c4d;
constexpr uint16 ethertype_ipv4 = 0x0800, ethertype_ipv6 = 0x86dd;
constexpr uint8 protocol_tcp = 6;

/// Big-endian, as networks have it; the caller has checked the size.
template <class U>
U network(bytes data, std::size_t at) {
  U value = 0;
  for (std::size_t i = 0; i < sizeof(U); ++i) value = static_cast<U>(value << 8 | static_cast<uint8>(data[at + i]));
  return value;
}

/// What follows the Ethernet type at `at`, VLAN tags skipped, when it is IP.
bytes behind_ethertype(bytes packet, std::size_t at, std::size_t payload_at) {
  while (packet.size() >= payload_at) {
    const auto type = network<uint16>(packet, at);
    if (type == ethertype_ipv4 || type == ethertype_ipv6) return packet.subspan(payload_at);
    if (type != 0x8100 && type != 0x88a8 && type != 0x9100) return {};
    at = payload_at + 2;
    payload_at += 4;
  }
  return {};
}

/// The IP datagram in a packet of the link layer; empty when there is none.
bytes datagram_of(uint32 link_type, bytes packet) {
  const auto behind = [&](std::size_t size) { return packet.size() > size ? packet.subspan(size) : bytes(); };
  switch (link_type) {
    case 0:  // the loopback of BSD, with the address family of the capturing machine
    case 108: return behind(4);
    case 1: return behind_ethertype(packet, 12, 14);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229: return packet;
    case 113: return behind_ethertype(packet, 14, 16);  // Linux cooked
    case 276: return behind_ethertype(packet, 0, 20);   // its second version
    default: return {};
  }
}

/// The fields of IP that TCP needs.
struct Datagram {
  Endpoint from, to;
  bytes payload;                  // captured
  std::size_t payload_bytes = 0;  // on the wire
};

enum class Ip { tcp, other, fragment, damaged };

Ip read_ipv4(bytes data, Datagram& out) {
  if (data.size() < 20) return Ip::damaged;
  const std::size_t header_bytes = static_cast<std::size_t>(data[0] & 15) * 4;
  std::size_t total = network<uint16>(data, 2);
  // A network card that cuts segments itself leaves the length to it.
  if (total == 0) total = data.size();
  if (header_bytes < 20 || total < header_bytes || data.size() < header_bytes) return Ip::damaged;
  if ((network<uint16>(data, 6) & 0x3fff) != 0) return Ip::fragment;
  if (static_cast<uint8>(data[9]) != protocol_tcp) return Ip::other;
  for (Endpoint* end : {&out.from, &out.to}) end->address[10] = end->address[11] = 0xff;
  std::memcpy(out.from.address.data() + 12, data.data() + 12, 4);
  std::memcpy(out.to.address.data() + 12, data.data() + 16, 4);
  out.payload_bytes = total - header_bytes;
  out.payload = data.subspan(header_bytes);
  return Ip::tcp;
}

Ip read_ipv6(bytes data, Datagram& out) {
  constexpr std::size_t header_bytes = 40;
  if (data.size() < header_bytes) return Ip::damaged;
  std::size_t left = network<uint16>(data, 4);
  if (left == 0) left = data.size() - header_bytes;
  auto next = static_cast<uint8>(data[6]);
  std::memcpy(out.from.address.data(), data.data() + 8, 16);
  std::memcpy(out.to.address.data(), data.data() + 24, 16);
  bytes rest = data.subspan(header_bytes);
  while (next == 0 || next == 43 || next == 60) {  // hop by hop, routing, destination options
    if (rest.size() < 8) return Ip::damaged;
    const std::size_t size = (static_cast<std::size_t>(static_cast<uint8>(rest[1])) + 1) * 8;
    if (size > rest.size() || size > left) return Ip::damaged;
    next = static_cast<uint8>(rest[0]);
    rest = rest.subspan(size);
    left -= size;
  }
  if (next == 44) return Ip::fragment;
  if (next != protocol_tcp) return Ip::other;
  out.payload = rest;
  out.payload_bytes = left;
  return Ip::tcp;
}

Ip read_datagram(bytes data, Datagram& out) {
  if (data.empty()) return Ip::other;
  const int version = static_cast<uint8>(data[0]) >> 4;
  const Ip found = version == 4 ? read_ipv4(data, out) : version == 6 ? read_ipv6(data, out) : Ip::other;
  // Frames are padded up to the least that Ethernet sends.
  if (found == Ip::tcp && out.payload.size() > out.payload_bytes) out.payload = out.payload.first(out.payload_bytes);
  return found;
}

bool read_tcp(const Datagram& datagram, Segment& out) {
  const bytes data = datagram.payload;
  if (data.size() < 20) return false;
  const std::size_t header_bytes = static_cast<std::size_t>(static_cast<uint8>(data[12]) >> 4) * 4;
  if (header_bytes < 20 || header_bytes > data.size()) return false;
  const auto flags = static_cast<uint8>(data[13]);
  out.from = datagram.from;
  out.to = datagram.to;
  out.from.port = network<uint16>(data, 0);
  out.to.port = network<uint16>(data, 2);
  out.sequence = network<uint32>(data, 4);
  out.acknowledged = network<uint32>(data, 8);
  out.fin = (flags & 1) != 0;
  out.syn = (flags & 2) != 0;
  out.reset = (flags & 4) != 0;
  out.ack = (flags & 16) != 0;
  out.payload = data.subspan(header_bytes);
  out.payload_bytes = datagram.payload_bytes - header_bytes;
  return true;
}

int64 nanoseconds(uint64 ticks, uint64 ticks_per_second, int64 offset_s) {
  constexpr uint64 ns_per_s = 1'000'000'000;
  const uint64 seconds = ticks / ticks_per_second;
  const auto fraction = static_cast<uint64>(static_cast<long double>(ticks % ticks_per_second) * ns_per_s /
                                            static_cast<long double>(ticks_per_second));
  // Wraps for nonsense, without undefined behaviour.
  return static_cast<int64>((seconds + static_cast<uint64>(offset_s)) * ns_per_s + fraction);
}

std::string ipv6_text(const std::array<uint8, 16>& address) {
  const auto group = [&](std::size_t i) { return address[2 * i] << 8 | address[2 * i + 1]; };
  // The longest run of zeros, at least two, becomes "::".
  std::size_t best_at = 8, best = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t size = 0;
    while (i + size < 8 && group(i + size) == 0) ++size;
    if (size > best) best = size, best_at = i;
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best_at) {
      out += "::";
      i += best - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    constexpr string digits = "0123456789abcdef";
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const int digit = group(i) >> shift & 15;
      begun = begun || digit != 0 || shift == 0;
      if (begun) out += digits[static_cast<std::size_t>(digit)];
    }
  }
  return out;
}

}  // namespace

std::string Endpoint::to_string() const {
  constexpr std::array<uint8, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(mapped.begin(), mapped.end(), address.begin())) {
    return '[' + ipv6_text(address) + "]:" + std::to_string(port);
  }
  std::string out;
  for (std::size_t i = 12; i < 16; ++i) out += (i > 12 ? "." : "") + std::to_string(address[i]);
  return out + ':' + std::to_string(port);
}

template <class U>
U CaptureReader::number(bytes data, std::size_t at) const {
  const U value = network<U>(data, at);
  return swapped_ ? std::byteswap(value) : value;
}

CaptureReader::Step CaptureReader::fail(std::string why) {
  why_ = std::move(why);
  return Step::broken;
}

void CaptureReader::push(bytes data) {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t skipped = static_cast<std::size_t>(std::min<uint64>(skip_, data.size()));
  skip_ -= skipped;
  data = data.subspan(skipped);
  buffer_.append(data.data(), data.size());
}

CaptureReader::Step CaptureReader::next(Segment& out) {
  for (;;) {
    Packet packet;
    if (const Step step = next_packet(packet); step != Step::segment) return step;
    ++counts_.packets;
    Datagram datagram;
    switch (read_datagram(datagram_of(packet.link_type, packet.data), datagram)) {
      case Ip::other: ++counts_.other; continue;
      case Ip::fragment: ++counts_.fragments; continue;
      case Ip::damaged: ++counts_.damaged; continue;
      case Ip::tcp: break;
    }
    out = {};
    if (!read_tcp(datagram, out)) {
      ++counts_.damaged;
      continue;
    }
    out.time_ns = packet.time_ns;
    ++counts_.segments;
    return Step::segment;
  }
}

CaptureReader::Step CaptureReader::next_packet(Packet& out) {
  if (!why_.empty()) return Step::broken;
  for (;;) {
    if (skip_ > 0) return Step::more;
    bool is_packet = true;
    const Step step = format_ == Format::pcap     ? next_record(out)
                      : format_ == Format::pcapng ? next_block(out, is_packet)
                                                  : begin();
    if (step != Step::segment) return step;
    if (format_ != Format::unknown && is_packet && !out.data.empty()) return step;
  }
}

/// Finds out what it is. Step::segment: go on.
CaptureReader::Step CaptureReader::begin() {
  constexpr std::size_t header_bytes = 24;
  const bytes data = rest();
  if (data.size() < 4) return Step::more;
  const auto magic = network<uint32>(data, 0);
  if (magic == section_header) {
    format_ = Format::pcapng;
    return Step::segment;
  }
  const uint32 turned = std::byteswap(magic);
  swapped_ = turned == pcap_us || turned == pcap_ns;
  const uint32 known = swapped_ ? turned : magic;
  if (known != pcap_us && known != pcap_ns) return fail("this is neither pcap nor pcapng");
  if (data.size() < header_bytes) return Step::more;
  Interface interface;
  interface.link_type = number<uint32>(data, 20) & 0xffff;
  interface.ticks_per_second = known == pcap_ns ? 1'000'000'000 : 1'000'000;
  interfaces_.assign(1, interface);
  format_ = Format::pcap;
  at_ += header_bytes;
  return Step::segment;
}

CaptureReader::Step CaptureReader::next_record(Packet& out) {
  constexpr std::size_t header_bytes = 16;
  const bytes data = rest();
  if (data.size() < header_bytes) return Step::more;
  const std::size_t size = number<uint32>(data, 8);
  if (size > packet_bytes_max) return fail("a packet of " + std::to_string(size) + " bytes");
  if (data.size() < header_bytes + size) return Step::more;
  at_ += header_bytes + size;
  const Interface& interface = interfaces_.front();
  out.link_type = interface.link_type;
  const uint64 ticks = number<uint32>(data, 0) * interface.ticks_per_second + number<uint32>(data, 4);
  out.time_ns = nanoseconds(ticks, interface.ticks_per_second, 0);
  out.data = data.subspan(header_bytes, size);
  return Step::segment;
}

CaptureReader::Step CaptureReader::next_block(Packet& out, bool& is_packet) {
  constexpr std::size_t frame_bytes = 12;  // type, size, and the size again
  is_packet = false;
  const bytes data = rest();
  if (data.size() < frame_bytes) return Step::more;
  if (network<uint32>(data, 0) == section_header) {
    const auto order = network<uint32>(data, 8);
    if (order != byte_order && std::byteswap(order) != byte_order) return fail("a pcapng section without byte order");
    swapped_ = order != byte_order;
  }
  const std::size_t size = number<uint32>(data, 4);
  if (size < frame_bytes || size % 4 != 0) return fail("a pcapng block of " + std::to_string(size) + " bytes");
  const auto type = number<uint32>(data, 0);
  if (size > block_bytes_max) {
    if (type == 2 || type == 3 || type == 6) return fail("a packet of " + std::to_string(size) + " bytes");
    const std::size_t here = std::min(size, data.size());
    at_ += here;
    skip_ = size - here;
    return Step::segment;
  }
  if (data.size() < size) return Step::more;
  at_ += size;
  return read_block(type, data.subspan(8, size - frame_bytes), out, is_packet);
}

CaptureReader::Step CaptureReader::read_block(uint32 type, bytes body, Packet& out, bool& is_packet) {
  const auto ticks = [&](std::size_t at) {
    return uint64{number<uint32>(body, at)} << 32 | number<uint32>(body, at + 4);
  };
  const auto packet = [&](std::size_t interface, uint64 when, std::size_t at, std::size_t size) {
    if (size > body.size() - at) return fail("a pcapng packet that is longer than its block");
    is_packet = packet_on(interface, when, body.subspan(at, size), out);
    return is_packet ? Step::segment : fail("a pcapng packet of an interface that is not described");
  };
  if (type == section_header) {
    interfaces_.clear();
  } else if (type == 1 && body.size() >= 8) {
    if (interfaces_.size() == interfaces_max) return fail("more than 1024 interfaces");
    read_interface(body);
  } else if (type == 6 && body.size() >= 20) {
    return packet(number<uint32>(body, 0), ticks(4), 20, number<uint32>(body, 12));
  } else if (type == 2 && body.size() >= 20) {
    return packet(number<uint16>(body, 0), ticks(4), 20, number<uint32>(body, 12));
  } else if (type == 3 && body.size() >= 4) {
    return packet(0, 0, 4, std::min<std::size_t>(number<uint32>(body, 0), body.size() - 4));
  }
  return Step::segment;
}

void CaptureReader::read_interface(bytes body) {
  Interface interface;
  interface.link_type = number<uint16>(body, 0);
  for (std::size_t at = 8; body.size() - at >= 4;) {
    const auto code = number<uint16>(body, at);
    const std::size_t size = number<uint16>(body, at + 2);
    at += 4;
    if (code == 0 || size > body.size() - at) break;
    if (code == 9 && size >= 1) {
      // A power of ten, or of two when the highest bit is set.
      const auto exponent = static_cast<uint8>(body[at]);
      interface.ticks_per_second = 1;
      for (int i = exponent & 0x7f; i > 0 && interface.ticks_per_second < (uint64{1} << 59); --i) {
        interface.ticks_per_second *= (exponent & 0x80) != 0 ? 2 : 10;
      }
    } else if (code == 14 && size >= 8) {
      interface.offset_s = static_cast<int64>(number<uint64>(body, at));
    }
    at += std::min((size + 3) / 4 * 4, body.size() - at);
  }
  interfaces_.push_back(interface);
}

bool CaptureReader::packet_on(std::size_t interface, uint64 ticks, bytes data, Packet& out) {
  if (interface >= interfaces_.size()) return false;
  const Interface& on = interfaces_[interface];
  out = {on.link_type, nanoseconds(ticks, on.ticks_per_second, on.offset_s), data};
  return true;
}

}  // namespace barnabas::protocol
