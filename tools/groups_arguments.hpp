// Command lines of kafka-consumer-groups.sh and kafka-share-groups.sh behind `barnabas groups`.
#pragma once

#include <string>
#include <vector>

namespace barnabas::tools {

/// `arguments` without the program's name. Where they begin with "groups" and name one of Kafka's actions (--list,
/// --describe, --reset-offsets, --delete, --delete-offsets), they are written as the command that does the same; others
/// stay as they are, but that a number behind `--watch` of `groups lag` becomes its value, or 2 does.
std::vector<std::string> translate_groups_arguments(std::vector<std::string> arguments);

}  // namespace barnabas::tools
