#include "barnabas/group/membership_parts.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace barnabas::group {

using client::EventKind;
using client::Severity;

std::string new_member_id(runtime::Random& random) {
  std::string id;
  while (id.empty() || id.front() == '-') {
    protocol::Uuid uuid;
    for (auto& octet : uuid.octets) octet = static_cast<unsigned char>(random.below(256));
    uuid.octets[6] = static_cast<unsigned char>((uuid.octets[6] & 0x0f) | 0x40);
    uuid.octets[8] = static_cast<unsigned char>((uuid.octets[8] & 0x3f) | 0x80);
    id = uuid.to_string();
  }
  return id;
}

void report(client::Client& client, const MemberIdentity& member, EventKind kind, Severity severity,
            const std::string& text, protocol::ErrorCode code) {
  client::Event event(kind, severity, fmt::format("group {}: {}", member.group_id, text));
  event.code = code;
  event.count = member.generation;
  client.events().on_event(event);
}

void report_left(client::Client& client, const MemberIdentity& member, const Error* failure, const std::string& text) {
  if (!failure) return report(client, member, EventKind::left, Severity::info, text);
  report(client, member, EventKind::left, Severity::warning, fmt::format("left without a goodbye: {}", failure->what()),
         failure->code());
}

bool report_idle(client::Client& client, const MemberIdentity& member, const std::vector<std::string>& topics) {
  std::size_t partitions = 0;
  for (const auto& topic : topics) {
    if (const auto* info = client.metadata().topic(topic)) partitions += info->partitions.size();
  }
  if (partitions == 0) {
    report(client, member, EventKind::topic_missing, Severity::warning, "none of the subscribed topics exists yet");
    return false;
  }
  report(client, member, EventKind::assigned, Severity::warning,
         fmt::format("nothing is assigned to this member, although its topics have {} partitions; has the group more "
                     "members than that?",
                     partitions));
  return true;
}

GiveUpDeadlines give_up_deadlines(const GroupOptions& options, runtime::TimePoint from, runtime::TimePoint held_until) {
  // A third of the time is kept for the commit and for the way to the coordinator.
  const auto drain_ms = std::min<std::int64_t>(options.rebalance_drain_ms, options.rebalance_timeout_ms * 2 / 3);
  const auto drain = std::min(from + std::chrono::milliseconds(drain_ms), held_until);
  return {drain, std::min(drain + std::chrono::milliseconds(options.rebalance_timeout_ms / 6), held_until)};
}

}  // namespace barnabas::group
