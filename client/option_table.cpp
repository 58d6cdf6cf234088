#include "barnabas/client/option_table.hpp"

#include <limits>

namespace barnabas::client {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t gibibyte = 1 << 30;

using C = ClientOptions;
constexpr OptionRow client_rows[] = {
    option_row<&C::bootstrap_servers>(
        "bootstrap.servers", "metadata.broker.list brokers",
        "Brokers to ask first, as host:port; the rest of the cluster is learned from them."),
    option_row<&C::client_id>("client.id", "", 1, 249,
                              "Name under which brokers log, measure and throttle this client."),
    option_row<&C::request_timeout_ms>(
        "request.timeout.ms", "socket.timeout.ms", 100, hour_ms,
        "From sending a request to its whole answer, beyond what the request itself waits for."),
    option_row<&C::connect_timeout_ms>("socket.connection.setup.timeout.ms", "", 100, hour_ms,
                                       "For one address: name, TCP connection and version handshake together."),
    option_row<&C::reconnect_backoff_ms>("reconnect.backoff.ms", "", 1, hour_ms,
                                         "First pause after a failed connection; it doubles, with jitter."),
    option_row<&C::reconnect_backoff_max_ms>("reconnect.backoff.max.ms", "", 1, hour_ms,
                                             "Longest pause between attempts to connect."),
    option_row<&C::retry_backoff_ms>("retry.backoff.ms", "", 1, hour_ms,
                                     "First pause before a failed request is tried again; it doubles, with jitter."),
    option_row<&C::retry_backoff_max_ms>("retry.backoff.max.ms", "", 1, hour_ms,
                                         "Longest pause before a failed request is tried again."),
    option_row<&C::metadata_max_age_ms>("metadata.max.age.ms", "topic.metadata.refresh.interval.ms", 1'000,
                                        24 * hour_ms,
                                        "Metadata is asked for again after this time even if nothing seems wrong."),
    option_row<&C::connections_max_idle_ms>("connections.max.idle.ms", "", 1'000, int32_max,
                                            "Connections that nobody uses are closed after this time."),
    option_row_of<&C::dns_lookup>(
        "client.dns.lookup", "", "use_all_dns_ips resolve_canonical_bootstrap_servers_only",
        "Which addresses of a name are tried: all of them in turn, or, for bootstrap servers, "
        "the canonical names behind them."),
    option_row_of<&C::metadata_recovery>(
        "metadata.recovery.strategy", "", "none rebootstrap",
        "Whether the bootstrap servers are asked again when no broker that is known can be reached."),
    option_row<&C::rebootstrap_trigger_ms>("metadata.recovery.rebootstrap.trigger.ms", "", 0, 24 * hour_ms,
                                           "Without fresh metadata for this long, the bootstrap servers are asked."),
    option_row<&C::send_buffer_bytes>("send.buffer.bytes", "socket.send.buffer.bytes", 0, gibibyte,
                                      "SO_SNDBUF of connections; 0 leaves it to the system."),
    option_row<&C::receive_buffer_bytes>("receive.buffer.bytes", "socket.receive.buffer.bytes", 0, gibibyte,
                                         "SO_RCVBUF of connections; 0 leaves it to the system."),
    option_row<&C::statistics_interval_ms>("statistics.interval.ms", "", 0, 24 * hour_ms,
                                           "How often statistics are written as a line of JSON; 0: never."),
    option_row<&C::metrics_push>("enable.metrics.push", "",
                                 "Whether brokers may ask this client for its metrics (KIP-714)."),
    option_row<&C::frame_bytes_max>("receive.message.max.bytes", "", 1 << 20, int32_max,
                                    "Largest response that is accepted; a larger one ends its connection."),
    option_row<&C::memory_bytes_max>(
        "memory.max.bytes", "", 8 << 20, 1024 * gibibyte,
        "Budget of everything received, decompressed and queued; fetching pauses when it is used up."),
    option_row<&C::allow_auto_create_topics>("allow.auto.create.topics", "",
                                             "Whether asking for a topic that does not exist may create it."),
    option_row_of<&C::broker_version>(
        "broker.version", "", "auto 0.8.2 0.9.0",
        "Age of brokers that cannot be asked for their versions (ApiVersions came with 0.10); auto finds it out, which "
        "takes some seconds with 0.9."),
};

using F = FetchOptions;
constexpr OptionRow fetch_rows[] = {
    option_row<&F::max_wait_ms>("fetch.max.wait.ms", "fetch.wait.max.ms", 0, 300'000,
                                "How long a broker may wait for fetch.min.bytes before it answers."),
    option_row<&F::min_bytes>("fetch.min.bytes", "", 1, 100'000'000, "A broker answers at once when it has this much."),
    option_row<&F::max_bytes>("fetch.max.bytes", "", 1'024, gibibyte,
                              "Size of one response; a first batch that is larger still comes whole."),
    option_row<&F::partition_max_bytes>("max.partition.fetch.bytes", "fetch.message.max.bytes", 1'024, gibibyte,
                                        "Share of one partition in one response."),
    option_row<&F::lane_bytes_max>(
        "partition.queue.max.bytes", "", 1'024, 1024 * gibibyte,
        "Bytes that wait for one partition's handler before the partition is no longer asked for."),
    option_row<&F::decompressed_batch_bytes_max>(
        "decompressed.batch.max.bytes", "", 1 << 20, 2 * gibibyte,
        "Largest batch after decompression; a larger one counts as unreadable."),
    option_row_of<&F::isolation>("isolation.level", "", "read_uncommitted read_committed",
                                 "Whether records of open and aborted transactions are delivered."),
    option_row_of<&F::unreadable_batch>(
        "unreadable.batch", "", "stop skip",
        "What a batch does that is complete and cannot be read (bad CRC, bad compression, too large): it stops its "
        "partition, or is passed over with an event."),
    option_row_of<&F::offset_reset>(
        "auto.offset.reset", "", "earliest|smallest|beginning latest|largest|end none|error by_duration:PT1H",
        "Where to go on when the position is out of range, and where to start without a committed offset unless "
        "start.offset says so; none stops the partition."),
    option_row_of<&F::start>("start.offset", "", "earliest latest none timestamp:MS by_duration:PT1H last:N",
                             "Where to start without a committed offset; empty: as auto.offset.reset says."),
    option_row<&F::rack>("client.rack", "", 0, 249, "Rack of this client: lets it fetch from a follower nearby."),
};

const ClientOptions client_defaults;
const FetchOptions fetch_defaults;

std::string above(std::string_view low_name, std::int64_t low, std::string_view high_name, std::int64_t high) {
  return std::string(low_name) + " (" + std::to_string(low) + ") is above " + std::string(high_name) + " (" +
         std::to_string(high) + ")";
}

}  // namespace

const OptionTableOf<ClientOptions>& client_option_table() {
  static const OptionTableOf<ClientOptions> table("Cluster connection", client_rows, client_defaults);
  return table;
}

const OptionTableOf<FetchOptions>& fetch_option_table() {
  static const OptionTableOf<FetchOptions> table("Fetching", fetch_rows, fetch_defaults);
  return table;
}

std::vector<std::string> check_relations(const ClientOptions& o) {
  std::vector<std::string> problems;
  if (o.bootstrap_servers.empty()) problems.push_back("bootstrap.servers is missing");
  if (o.reconnect_backoff_ms > o.reconnect_backoff_max_ms) {
    problems.push_back(
        above("reconnect.backoff.ms", o.reconnect_backoff_ms, "reconnect.backoff.max.ms", o.reconnect_backoff_max_ms));
  }
  if (o.retry_backoff_ms > o.retry_backoff_max_ms) {
    problems.push_back(above("retry.backoff.ms", o.retry_backoff_ms, "retry.backoff.max.ms", o.retry_backoff_max_ms));
  }
  return problems;
}

std::vector<std::string> check_relations(const ClientOptions& client, const FetchOptions& fetch) {
  std::vector<std::string> problems = check_relations(client);
  if (fetch.max_bytes > client.frame_bytes_max) {
    problems.push_back(above("fetch.max.bytes", fetch.max_bytes, "receive.message.max.bytes", client.frame_bytes_max));
  }
  if (fetch.max_bytes > client.memory_bytes_max) {
    problems.push_back(above("fetch.max.bytes", fetch.max_bytes, "memory.max.bytes", client.memory_bytes_max));
  }
  if (fetch.min_bytes > fetch.max_bytes) {
    problems.push_back(above("fetch.min.bytes", fetch.min_bytes, "fetch.max.bytes", fetch.max_bytes));
  }
  return problems;
}

}  // namespace barnabas::client
