// Which handler a topic goes to.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "barnabas/group/subscription.hpp"
#include "barnabas/handlers/handler.hpp"

namespace barnabas::handlers {

/// Handlers outlive it.
class Router {
 public:
  /// `topic` is a name, a ^pattern or, for all handlers together, a !exclusion, whose handler does not matter (see
  /// group::Subscription). False, and nothing changes, when it has a handler already. Throws Error(config) for a
  /// pattern that cannot be read.
  bool add(const std::string& topic, Handler& handler);

  /// By name, else by the first pattern that was added and matches. Null when the topic goes nowhere.
  Handler* find(const std::string& topic) const;
  /// What to subscribe to: names, patterns, exclusions, in the order of adding.
  const std::vector<std::string>& topics() const { return topics_; }
  /// Each handler once, in the order in which they were added.
  const std::vector<Handler*>& handlers() const { return handlers_; }

 private:
  std::vector<std::string> topics_;
  std::vector<Handler*> handlers_;
  std::map<std::string, Handler*> names_;
  std::vector<std::pair<group::Subscription, Handler*>> patterns_;
};

}  // namespace barnabas::handlers
