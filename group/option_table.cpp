#include "barnabas/group/option_table.hpp"

namespace barnabas::group {
namespace {

using client::option_row;
using client::option_row_of;
using G = GroupOptions;

constexpr std::int64_t hour_ms = 3'600'000;

constexpr client::OptionRow group_rows[] = {
    option_row<&G::group_id>("group.id", "group", 1, 32'767, "The consumer group to join and to commit offsets for."),
    option_row<&G::group_instance_id>("group.instance.id", "", 0, 249,
                                      "Static membership: a restart under the same name moves no partitions."),
    option_row_of<&G::protocol>("group.protocol", "", "classic consumer auto",
                                "How the group is kept together: classic, consumer (KIP-848, Kafka 4.0 and later), or "
                                "auto: consumer where the brokers and the group let it, else classic."),
    option_row<&G::remote_assignor>("group.remote.assignor", "", 0, 249,
                                    "How the coordinator divides partitions (consumer protocol): uniform, range, or "
                                    "one of the brokers' own; empty: their choice."),
    option_row_of<&G::assignors>("partition.assignment.strategy", "assignor assignors",
                                 "range|org.apache.kafka.clients.consumer.RangeAssignor "
                                 "roundrobin|org.apache.kafka.clients.consumer.RoundRobinAssignor "
                                 "sticky|org.apache.kafka.clients.consumer.StickyAssignor "
                                 "cooperative-sticky|org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
                                 "How partitions are shared out among the members."),
    option_row<&G::session_timeout_ms>("session.timeout.ms", "", 1'000, hour_ms,
                                       "A member that sent no heartbeat for this long loses its partitions."),
    option_row<&G::heartbeat_interval_ms>("heartbeat.interval.ms", "", 100, hour_ms,
                                          "How often a heartbeat is sent; below a third of session.timeout.ms."),
    option_row<&G::rebalance_timeout_ms>("max.poll.interval.ms", "rebalance.timeout.ms", 1'000, 24 * hour_ms,
                                         "How long the members may take to join again during a rebalance."),
    option_row<&G::rebalance_drain_ms>(
        "rebalance.drain.ms", "", 0, hour_ms,
        "How long deliveries under way may take to finish when partitions are given away."),
    option_row<&G::auto_commit_interval_ms>("auto.commit.interval.ms", "", 10, hour_ms,
                                            "How often the offsets of finished records are committed."),
    option_row<&G::auto_commit_records>("auto.commit.records", "", 0, 1'000'000'000,
                                        "A partition with this many finished records is committed at once; 0: by time "
                                        "alone."),
    option_row<&G::offset_store_path>("offset.store.path", "", 0, 4'096,
                                      "A file that keeps the offsets instead of a group, for reading without one."),
    option_row<&G::stall_limit_ms>("stall.limit.ms", "", 0, 24 * hour_ms,
                                   "How long one record may be under way before it is reported; 0: for ever."),
    option_row_of<&G::stall_action>("stall.action", "", "report stop",
                                    "What happens then: report tells of it, stop ends the consumer, so that others "
                                    "get its partitions."),
    option_row_of<&G::type>("group.type", "", "consumer share",
                            "consumer: each partition is read by one member. share: members share the records of a "
                            "partition, as in a queue (KIP-932, Kafka 4.2)."),
    option_row<&G::max_poll_records>("max.poll.records", "", 1, 1'000'000,
                                     "Share groups: how many records are acquired with one request, about."),
    option_row_of<&G::share_acquire_mode>("share.acquire.mode", "", "batch_optimized record_limit",
                                          "Share groups: whether whole batches are acquired, or never more than "
                                          "max.poll.records (KIP-1206)."),
    option_row<&G::commit>("enable.auto.commit", "",
                           "Whether offsets are committed at all; only ever those of finished records."),
};

const GroupOptions group_defaults;

}  // namespace

const client::OptionTableOf<GroupOptions>& group_option_table() {
  static const client::OptionTableOf<GroupOptions> table("Consumer group", group_rows, group_defaults);
  return table;
}

std::vector<std::string> check_relations(const GroupOptions& o) {
  std::vector<std::string> problems;
  if (std::int64_t{o.heartbeat_interval_ms} * 3 >= o.session_timeout_ms) {
    problems.push_back("heartbeat.interval.ms (" + std::to_string(o.heartbeat_interval_ms) +
                       ") must be below a third of session.timeout.ms (" + std::to_string(o.session_timeout_ms) + ")");
  }
  if (o.rebalance_drain_ms >= o.rebalance_timeout_ms) {
    problems.push_back("rebalance.drain.ms (" + std::to_string(o.rebalance_drain_ms) +
                       ") must be below max.poll.interval.ms (" + std::to_string(o.rebalance_timeout_ms) + ")");
  }
  if (!o.offset_store_path.empty() && !o.group_id.empty()) {
    problems.push_back("offset.store.path is for reading without a group: leave it out, or group.id");
  }
  return problems;
}

}  // namespace barnabas::group
