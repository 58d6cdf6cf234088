// The same figures as librdkafka prints them, so that what reads those reads ours.
#pragma once

#include <string>

#include "barnabas/client/statistics/statistics.hpp"
#include "barnabas/group/statistics.hpp"

namespace barnabas::group {

/// One line of JSON in the form of librdkafka's STATISTICS.md, with those of its keys whose values are known here.
/// Windows (rtt, throttle) are the time since `before` was taken: the copy that the last line was made of, or a
/// default one for the first. Without `consumer`, a client that only asks. Any thread.
std::string librdkafka_json(const client::ClientStatistics& client, const ConsumerStatistics* consumer,
                            const client::ClientStatistics& before);

}  // namespace barnabas::group
