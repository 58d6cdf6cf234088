// Times as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas::tools {

/// Milliseconds since 1970 of ISO 8601: "2026-11-21", "2026-11-21T08:00", "2026-11-21T08:00:00.250+01:00". UTC without
/// a zone, as in Kafka's tools. Empty when it is none, or no such day or hour exists.
std::optional<std::int64_t> parse_iso_datetime_ms(std::string_view text);
/// "2026-11-21T08:00:00Z"
std::string iso_datetime(std::int64_t unix_ms);

}  // namespace barnabas::tools
