// Offsets of a group in a file: lines as Kafka's tools write them, or JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "barnabas/client/admin/group_offsets.hpp"

namespace barnabas::tools {

/// `{"group":"g","type":"classic","offsets":[{"topic":"orders","partition":0,"offset":42,…}]}`
std::string offsets_json(const std::string& group, client::GroupType type,
                         const std::vector<client::GroupOffset>& offsets);
/// "orders,0,42" for each partition, as `kafka-consumer-groups --reset-offsets --export` has it.
std::string offsets_csv(const std::vector<client::GroupOffset>& offsets);

/// Reads either form. Lines may name the group in front, as Kafka's do when there are several: those of others are
/// skipped. Throws Error(config) that names the line, or what is missing.
std::map<client::TopicPartition, std::int64_t> read_offsets_file(std::string_view content, const std::string& group,
                                                                 const std::string& path);

}  // namespace barnabas::tools
