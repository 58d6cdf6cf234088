// What can be set about one cluster connection and about fetching from it. The table with names, aliases, ranges and
// sentences is in option_table.cpp; these structs are what it fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "barnabas/client/positions.hpp"
#include "barnabas/client/runtime/dialer.hpp"

namespace barnabas::client {

/// A broker too old to be asked for its versions.
enum class BrokerVersion : std::uint8_t { automatic, v0_8_2, v0_9_0 };

/// Which addresses of a name are tried: client.dns.lookup (KIP-302, KIP-602).
enum class DnsLookup : std::uint8_t {
  use_all_dns_ips,                          ///< one after the other
  resolve_canonical_bootstrap_servers_only  ///< bootstrap names stand for the hosts behind their addresses
};

/// What a client does that can reach no broker it knows: metadata.recovery.strategy (KIP-899, KIP-1102).
enum class MetadataRecovery : std::uint8_t { none, rebootstrap };

struct ClientOptions {
  ClientOptions() = default;
  std::vector<runtime::Endpoint> bootstrap_servers;
  std::string client_id = "barnabas";
  std::int32_t request_timeout_ms = 30'000;  ///< from sending a request to its whole answer
  std::int32_t connect_timeout_ms = 10'000;  ///< name, TCP and ApiVersions together, for one address
  std::int32_t reconnect_backoff_ms = 50;    ///< first pause after a failed connection; doubles (KIP-580)
  std::int32_t reconnect_backoff_max_ms = 1'000;
  std::int32_t retry_backoff_ms = 100;
  std::int32_t retry_backoff_max_ms = 1'000;
  std::int32_t metadata_max_age_ms = 300'000;
  std::int32_t connections_max_idle_ms = 540'000;
  DnsLookup dns_lookup = DnsLookup::use_all_dns_ips;
  MetadataRecovery metadata_recovery = MetadataRecovery::rebootstrap;
  std::int32_t rebootstrap_trigger_ms = 300'000;  ///< without metadata for so long: back to the bootstrap servers
  std::int32_t send_buffer_bytes = 0;             ///< SO_SNDBUF; 0 leaves it to the system
  std::int32_t receive_buffer_bytes = 0;          ///< SO_RCVBUF; 0 leaves it to the system
  std::int32_t statistics_interval_ms = 0;        ///< 0: none are written
  bool metrics_push = false;                      ///< whether the broker may ask for this client's metrics (KIP-714)
  std::int64_t frame_bytes_max = 128 << 20;       ///< larger responses end the connection
  std::int64_t memory_bytes_max = 256 << 20;      ///< received + decompressed + queued
  bool allow_auto_create_topics = false;
  BrokerVersion broker_version = BrokerVersion::automatic;
};

enum class Isolation : std::uint8_t { read_uncommitted = 0, read_committed = 1 };

/// What a batch does that is complete and cannot be read: bad CRC, bad compression, larger than allowed.
enum class UnreadableBatch : std::uint8_t {
  stop,  ///< the partition stops with an error that names the offsets
  skip,  ///< the batch is passed over, as an event and a counter
};

struct FetchOptions {
  FetchOptions() = default;
  std::int32_t max_wait_ms = 500;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 2 << 20;  ///< of one response
  std::int32_t partition_max_bytes = 1 << 20;
  std::int64_t lane_bytes_max = 4 << 20;  ///< queued for one partition before it is no longer asked for
  std::int64_t decompressed_batch_bytes_max = 256 << 20;
  Isolation isolation = Isolation::read_committed;
  UnreadableBatch unreadable_batch = UnreadableBatch::stop;
  OffsetReset offset_reset = OffsetReset::latest;  ///< when the position is out of range
  StartPolicy start;                               ///< without a committed offset
  std::string rack;                                ///< client.rack (KIP-392)
};

/// Parses "host:port,host:port"; the port defaults to 9092, IPv6 literals stand in brackets. Throws Error(config).
std::vector<runtime::Endpoint> parse_endpoints(std::string_view text);

}  // namespace barnabas::client
