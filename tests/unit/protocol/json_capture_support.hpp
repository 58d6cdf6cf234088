// Captures made by hand: a little of what tcpdump does.
#pragma once

#include <string>
#include <vector>

#include "barnabas/protocol/capture/packets.hpp"

namespace barnabas::protocol::test {

inline void put_number(std::string& out, std::uint64_t value, int size, bool little) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> 8 * (little ? i : size - 1 - i));
}

/// A segment of a connection between 10.0.0.1:50000 (client) and 10.0.0.2:9092 (broker).
struct Sent {
  bool from_client = true;
  std::uint32_t sequence = 0;
  std::string payload;
  std::string flags = "A";  // S, F, R, A
  std::uint32_t acknowledged = 0;
};

inline std::string tcp_of(const Sent& sent) {
  std::string out;
  put_number(out, sent.from_client ? 50'000 : 9092, 2, false);
  put_number(out, sent.from_client ? 9092 : 50'000, 2, false);
  put_number(out, sent.sequence, 4, false);
  put_number(out, sent.acknowledged, 4, false);
  unsigned flags = 0;
  for (char c : sent.flags) flags |= c == 'F' ? 1 : c == 'S' ? 2 : c == 'R' ? 4 : c == 'A' ? 16 : 0;
  put_number(out, 0x5000 | flags, 2, false);
  return out + std::string(6, '\0') + sent.payload;
}

inline std::string ipv4_of(const Sent& sent) {
  const std::string tcp = tcp_of(sent);
  const std::string client("\x0a\0\0\x01", 4), broker("\x0a\0\0\x02", 4);
  std::string out = "\x45";
  out += '\0';
  put_number(out, 20 + tcp.size(), 2, false);
  out += std::string("\0\0\x40\0\x40\x06\0\0", 8);
  return out + (sent.from_client ? client + broker : broker + client) + tcp;
}

inline std::string ipv6_of(const Sent& sent) {
  const std::string tcp = tcp_of(sent);
  std::string out("\x60\0\0\0", 4);
  // An option that says nothing stands between.
  put_number(out, tcp.size() + 8, 2, false);
  out += std::string("\0\x40", 2);
  std::string client(16, '\0'), broker(16, '\0');
  client[15] = 1;
  broker[0] = 0x20, broker[1] = 1, broker[15] = 2;
  out += sent.from_client ? client + broker : broker + client;
  return out + std::string("\x06\0\x01\x04\0\0\0\0", 8) + tcp;
}

inline std::string ethernet(const std::string& datagram, const std::string& type = std::string("\x08\0", 2)) {
  return std::string(12, 'm') + type + datagram;
}

struct PcapForm {
  bool little = true;
  bool nanoseconds = false;
  std::uint32_t link_type = 1;
};

/// A file of packets, a millisecond apart from second 1000 on.
inline std::string pcap_of(const std::vector<std::string>& packets, PcapForm form = {}) {
  std::string out;
  const auto number = [&](std::uint64_t value, int size) { put_number(out, value, size, form.little); };
  number(form.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
  number(2, 2), number(4, 2), number(0, 4), number(0, 4), number(262'144, 4), number(form.link_type, 4);
  std::uint64_t ms = 0;
  for (const std::string& packet : packets) {
    number(1000 + ms / 1000, 4);
    number(ms++ % 1000 * (form.nanoseconds ? 1'000'000 : 1000), 4);
    number(packet.size(), 4), number(packet.size(), 4);
    out += packet;
  }
  return out;
}

inline void append_block(std::string& out, std::uint32_t type, std::string body, bool little) {
  body.resize((body.size() + 3) / 4 * 4);
  put_number(out, type, 4, little);
  put_number(out, body.size() + 12, 4, little);
  out += body;
  put_number(out, body.size() + 12, 4, little);
}

/// The same as pcapng, with nanoseconds when asked for.
inline std::string pcapng_of(const std::vector<std::string>& packets, PcapForm form = {}) {
  std::string out, body;
  const auto number = [&](std::uint64_t value, int size) { put_number(body, value, size, form.little); };
  number(0x1a2b3c4d, 4), number(1, 2), number(0, 2), number(~std::uint64_t{0}, 8);
  append_block(out, 0x0a0d0d0a, std::exchange(body, ""), form.little);
  number(form.link_type, 2), number(0, 2), number(0, 4);
  if (form.nanoseconds) number(9, 2), number(1, 2), body += std::string("\x09\0\0\0", 4), number(0, 4);
  append_block(out, 1, std::exchange(body, ""), form.little);
  append_block(out, 0xbad, "nobody knows this", form.little);
  std::uint64_t ms = 0;
  for (const std::string& packet : packets) {
    const std::uint64_t ticks = (1'000'000 + ms++) * (form.nanoseconds ? 1'000'000 : 1000);
    number(0, 4), number(ticks >> 32, 4), number(ticks & 0xffffffff, 4), number(packet.size(), 4);
    number(packet.size(), 4), body += packet;
    append_block(out, 6, std::exchange(body, ""), form.little);
  }
  return out;
}

}  // namespace barnabas::protocol::test
