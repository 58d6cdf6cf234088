// Which topics somebody wants: names, patterns, and exclusions from both.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/client/client.hpp"

namespace barnabas::group {

/// Made of texts: "orders" is a name; "^logs-.*" is a pattern (RE2's syntax), searched for in a topic's name from its
/// start, as librdkafka does, so write "$" where it has to end; "!orders" and "!^logs-.*-test$" leave topics out.
/// Patterns never choose internal topics (`__consumer_offsets`); a name does. Immutable; any thread.
class Subscription {
 public:
  Subscription() = default;
  /// Throws Error(config) for a pattern that cannot be read, for an empty text, and when nothing is chosen.
  explicit Subscription(std::vector<std::string> texts);

  /// The names, sorted, each once; those left out by an exclusion are not among them.
  const std::vector<std::string>& names() const { return names_; }
  bool has_patterns() const { return !patterns_.empty(); }
  /// Whether this topic is wanted, by name or by pattern.
  bool wants(const std::string& topic, bool internal) const;
  /// All names, and the topics of `metadata` that a pattern chooses; sorted.
  std::vector<std::string> topics(const client::Metadata& metadata) const;
  /// "orders, ^logs-.*, !^logs-.*-test$"
  std::string text() const;

 private:
  struct Pattern;
  using Patterns = std::vector<std::shared_ptr<const Pattern>>;
  static bool any_matches(const Patterns& patterns, std::string_view topic);
  bool excluded(const std::string& topic) const;

  std::vector<std::string> texts_, names_, names_out_;
  Patterns patterns_, patterns_out_;
};

/// Keeps the topics that `subscription` may choose in the client's metadata, until forget_topics(). Loop thread only.
void keep_topics(client::Client& client, const Subscription& subscription);
void forget_topics(client::Client& client, const Subscription& subscription);

}  // namespace barnabas::group
