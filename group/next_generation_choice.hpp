// Which group protocol a consumer speaks: group.protocol.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "barnabas/group/classic.hpp"
#include "barnabas/group/membership.hpp"
#include "barnabas/group/subscription.hpp"

namespace barnabas::group {

/// What a broker may choose topics by instead of the client: a subscription of one ^pattern. Brokers hold a pattern
/// against whole names, Subscription searches names for it, so it is written to mean the same. Empty for any other
/// subscription, and for a pattern that would choose Kafka's internal topics as well, which brokers do not leave out.
std::optional<std::string> pattern_for_broker(const std::vector<std::string>& texts);

/// The membership that `context.options.protocol` wants. With auto, it joins by the consumer protocol, and by the
/// classic one when the coordinator does not speak it or not for this group. Tells, as events, of options that have no
/// effect.
std::unique_ptr<Membership> make_membership(MembershipContext context, const std::vector<std::string>& subscription);

}  // namespace barnabas::group
