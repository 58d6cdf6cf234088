// Which versions of which APIs a broker speaks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "barnabas/protocol/messages/api_versions.hpp"

namespace barnabas::client {

/// Ranges are intersected, never tested for a single version: brokers drop old ones, too (KIP-896). A value
/// type; one thread at a time.
class VersionTable {
 public:
  VersionTable() = default;
  explicit VersionTable(const protocol::ApiVersionsResponse& response) {
    for (const auto& api : response.api_keys) ranges_[api.api_key] = {api.min_version, api.max_version};
  }

  void add(std::int16_t api_key, std::int16_t version_min, std::int16_t version_max) {
    ranges_[api_key] = {version_min, version_max};
  }

  /// The highest common version, or -1.
  std::int16_t pick(std::int16_t api_key, std::int16_t version_min, std::int16_t version_max) const {
    const auto found = ranges_.find(api_key);
    if (found == ranges_.end()) return -1;
    const auto highest = std::min(version_max, found->second.second);
    return highest >= std::max(version_min, found->second.first) ? highest : std::int16_t{-1};
  }
  /// {min, max} as the broker said; {-1, -1} when it does not know the API.
  std::pair<std::int16_t, std::int16_t> range(std::int16_t api_key) const {
    const auto found = ranges_.find(api_key);
    return found == ranges_.end() ? std::pair<std::int16_t, std::int16_t>{-1, -1} : found->second;
  }
  std::size_t size() const { return ranges_.size(); }

 private:
  std::map<std::int16_t, std::pair<std::int16_t, std::int16_t>> ranges_;
};

/// "Produce 13, Fetch 18, …": the versions in which the main APIs are spoken with a broker that offers `table`; "none"
/// when there is none in common.
std::string picked_versions(const VersionTable& table);

}  // namespace barnabas::client
