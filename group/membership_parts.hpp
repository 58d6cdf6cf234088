// What memberships have in common, whatever their protocol. For the memberships alone.
#pragma once

#include <string>
#include <vector>

#include "barnabas/client/client.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/options.hpp"

namespace barnabas::group {

/// A UUID as Kafka writes it. None begins with a dash, which a command line would take for an option.
std::string new_member_id(runtime::Random& random);

/// Says `text` of the member's group, with its generation.
void report(client::Client& client, const MemberIdentity& member, client::EventKind kind, client::Severity severity,
            const std::string& text, protocol::ErrorCode code = protocol::ErrorCode::none);

/// Says how leaving went; `failure` is null when the coordinator has heard of it.
void report_left(client::Client& client, const MemberIdentity& member, const Error* failure, const std::string& text);

/// Being stable with nothing to do is normal in a large group and a fault in a small one; either way somebody should
/// know. False when that is because no topic exists.
bool report_idle(client::Client& client, const MemberIdentity& member, const std::vector<std::string>& topics);

/// Until when partitions are given up that are this member's until `held_until` at most.
struct GiveUpDeadlines {
  runtime::TimePoint drain, commit;
};
GiveUpDeadlines give_up_deadlines(const GroupOptions& options, runtime::TimePoint from, runtime::TimePoint held_until);

}  // namespace barnabas::group
