#include "barnabas/group/subscription.hpp"

#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "barnabas/client/error.hpp"

namespace barnabas::group {
namespace {

// What a pattern may take when it is compiled; RE2 needs no more than time linear in the name to match.
constexpr std::int64_t pattern_bytes_max = 1 << 20;

re2::RE2::Options pattern_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_bytes_max);
  options.set_never_capture(true);
  return options;
}

}  // namespace

struct Subscription::Pattern {
  explicit Pattern(const std::string& text) : regex(text, pattern_options()) {
    if (regex.ok()) return;
    Error error(Error::Stage::config, "subscribe to " + text, "", regex.error());
    throw error.hint("patterns are written in RE2's syntax: no look-around, no back-references");
  }
  re2::RE2 regex;
};

Subscription::Subscription(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (const std::string& text : texts_) {
    const bool out = text.starts_with('!');
    const std::string topic = text.substr(out ? 1 : 0);
    if (topic.empty()) throw Error(Error::Stage::config, "subscribe", "", "the name of a topic is empty");
    if (topic.starts_with('^')) {
      (out ? patterns_out_ : patterns_).push_back(std::make_shared<const Pattern>(topic));
    } else {
      (out ? names_out_ : names_).push_back(topic);
    }
  }
  std::ranges::sort(names_);
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  std::erase_if(names_, [this](const std::string& name) { return excluded(name); });
  if (!names_.empty() || !patterns_.empty()) return;
  throw Error(Error::Stage::config, "subscribe", "", "no topic is named")
      .hint("exclusions, with '!' in front, need a name or a ^pattern beside them");
}

bool Subscription::any_matches(const Patterns& patterns, std::string_view topic) {
  const re2::StringPiece name(topic.data(), topic.size());
  return std::ranges::any_of(patterns, [&](const auto& p) { return re2::RE2::PartialMatch(name, p->regex); });
}

bool Subscription::excluded(const std::string& topic) const {
  return std::ranges::find(names_out_, topic) != names_out_.end() || any_matches(patterns_out_, topic);
}

bool Subscription::wants(const std::string& topic, bool internal) const {
  if (std::ranges::binary_search(names_, topic)) return true;
  return !internal && any_matches(patterns_, topic) && !excluded(topic);
}

std::vector<std::string> Subscription::topics(const client::Metadata& metadata) const {
  std::set<std::string> chosen(names_.begin(), names_.end());
  if (has_patterns()) {
    for (const auto& [name, info] : metadata.topics()) {
      const bool there = !info.partitions.empty() && info.error != protocol::ErrorCode::unknown_topic_or_partition;
      if (there && wants(name, info.internal)) chosen.insert(name);
    }
  }
  return {chosen.begin(), chosen.end()};
}

std::string Subscription::text() const { return fmt::format("{}", fmt::join(texts_, ", ")); }

void keep_topics(client::Client& client, const Subscription& subscription) {
  for (const auto& topic : subscription.names()) client.add_interest(topic);
  if (subscription.has_patterns()) client.add_interest_in_all();
}

void forget_topics(client::Client& client, const Subscription& subscription) {
  for (const auto& topic : subscription.names()) client.remove_interest(topic);
  if (subscription.has_patterns()) client.remove_interest_in_all();
}

}  // namespace barnabas::group
