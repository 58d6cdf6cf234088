#include "barnabas/handlers/dispatch/router.hpp"

#include <algorithm>

namespace barnabas::handlers {

Handler* Router::find(const std::string& topic) const {
  const auto found = routes_.find(topic);
  return found == routes_.end() ? nullptr : found->second;
}

std::vector<std::string> Router::topics() const {
  std::vector<std::string> topics;
  for (const auto& [topic, handler] : routes_) topics.push_back(topic);
  return topics;
}

std::vector<Handler*> Router::handlers() const {
  std::vector<Handler*> handlers;
  for (const auto& [topic, handler] : routes_) {
    if (std::ranges::find(handlers, handler) == handlers.end()) handlers.push_back(handler);
  }
  return handlers;
}

}  // namespace barnabas::handlers
