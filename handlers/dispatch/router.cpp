#include "barnabas/handlers/dispatch/router.hpp"

#include <algorithm>

namespace barnabas::handlers {

bool Router::add(const std::string& topic, Handler& handler) {
  if (std::ranges::find(topics_, topic) != topics_.end()) return false;
  if (topic.starts_with('^')) {
    patterns_.emplace_back(group::Subscription({topic}), &handler);
  } else if (!topic.starts_with('!')) {
    names_.emplace(topic, &handler);
  }
  topics_.push_back(topic);
  const bool known = std::ranges::find(handlers_, &handler) != handlers_.end();
  if (!known && !topic.starts_with('!')) handlers_.push_back(&handler);
  return true;
}

/// Exclusions are the subscription's: what they leave out never comes here.
Handler* Router::find(const std::string& topic) const {
  const auto named = names_.find(topic);
  if (named != names_.end()) return named->second;
  const auto matches = [&](const auto& entry) { return entry.first.wants(topic, false); };
  const auto found = std::ranges::find_if(patterns_, matches);
  return found == patterns_.end() ? nullptr : found->second;
}

}  // namespace barnabas::handlers
