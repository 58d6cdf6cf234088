// Which handler a topic goes to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "barnabas/handlers/handler.hpp"

namespace barnabas::handlers {

/// Handlers outlive it.
class Router {
 public:
  /// False, and nothing changes, when the topic has a handler already.
  bool add(const std::string& topic, Handler& handler) { return routes_.emplace(topic, &handler).second; }

  /// Null when the topic goes nowhere.
  Handler* find(const std::string& topic) const;
  /// What to subscribe to, sorted.
  std::vector<std::string> topics() const;
  /// Each handler once, in the order of the first topic that goes to it.
  std::vector<Handler*> handlers() const;

 private:
  std::map<std::string, Handler*> routes_;
};

}  // namespace barnabas::handlers
