// The native form: [[source]], [[route]], [handler.NAME] and [run].
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "barnabas/client/error.hpp"
#include "barnabas/group/option_table.hpp"
#include "barnabas/group/subscription.hpp"
#include "barnabas/tools/config/config.hpp"
#include "barnabas/tools/config/toml_text.hpp"

namespace barnabas::tools {
namespace {

constexpr std::int64_t shutdown_timeout_ms_max = 3'600'000;
constexpr std::size_t topic_size_max = 249;

/// One [[route]] with its place; turned into RouteConfigs when all sources are known.
struct Route {
  std::string key;
  toml::source_region place;
  std::vector<std::string> topics;
  std::string handler;
  std::string source;
  bool used = false;
};

/// The topics that a source asks for, with the place for messages.
struct Subscription {
  std::string key;
  toml::source_region place;
  std::vector<std::string> topics;
};

bool is_topic_name(std::string_view name) {
  const auto legal = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= topic_size_max && name != "." && name != ".." &&
         std::ranges::all_of(name, legal);
}

/// A ^pattern or an !exclusion, as group::Subscription has them.
bool is_pattern(std::string_view topic) { return topic.starts_with('^') || topic.starts_with('!'); }

/// Empty for what is no pattern, and for one that can be read.
std::string pattern_problem(const std::string& topic) {
  if (!is_pattern(topic)) return "";
  try {
    group::Subscription({"some-topic", topic});
  } catch (const Error& error) {
    return fmt::format("\"{}\": {}{}{}", topic, error.cause(), error.hint().empty() ? "" : "; ", error.hint());
  }
  return "";
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  const auto near = client::nearest_name(name, known);
  return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near);
}

class NativeReader {
 public:
  NativeReader(std::string file, const toml::table& root) : problems_(file), warnings_(file), root_(root) {}

  ConfigResult read() {
    check_root_keys();
    read_handlers();
    read_sources();
    read_routes();
    read_run();
    for (std::size_t i = 0; i < config_.sources.size(); ++i) connect(config_.sources[i], subscriptions_[i]);
    warn_of_unused();
    if (!problems_.empty()) return std::unexpected(problems_.take());
    config_.warnings = warnings_.take();
    return std::move(config_);
  }

 private:
  void check_root_keys() {
    constexpr std::string_view known[] = {"source", "route", "handler", "run"};
    for (const auto& [key, node] : root_) {
      if (std::ranges::find(known, key.str()) != std::end(known)) continue;
      problems_.add(key.source(), std::string(key.str()),
                    fmt::format("unknown key \"{}\"{}", key.str(), did_you_mean(key.str(), known)));
    }
  }

  /// The tables of [[name]], or of a single [name].
  std::vector<std::pair<std::string, const toml::table*>> tables_of(std::string_view name) {
    std::vector<std::pair<std::string, const toml::table*>> tables;
    const toml::node* node = root_.get(name);
    if (!node) return tables;
    if (const auto* table = node->as_table()) return {{std::string(name), table}};
    const auto* array = node->as_array();
    if (!array) {
      problems_.add(*node, std::string(name), fmt::format("write [[{}]], not {}", name, kind_word(*node)));
      return tables;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string key = fmt::format("{}[{}]", name, i);
      if (const auto* table = array->get(i)->as_table()) {
        tables.emplace_back(key, table);
      } else {
        problems_.add(*array->get(i), key, "expected a table");
      }
    }
    return tables;
  }

  /// Sets options from `table`: dotted names are nested tables to TOML. Keys in `skip` are somebody else's.
  void set_options(client::OptionSet& set, const toml::table& table, const std::string& path, const std::string& prefix,
                   std::span<const std::string_view> skip, std::map<const client::OptionRow*, std::string>& seen) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (prefix.empty() && std::ranges::find(skip, key.str()) != skip.end()) continue;
      if (const auto* nested = node.as_table(); nested && !nested->empty()) {
        set_options(set, *nested, path, name + ".", skip, seen);
        continue;
      }
      set_option(set, key.source(), node, path + "." + name, name, skip, seen);
    }
  }

  void set_option(client::OptionSet& set, const toml::source_region& place, const toml::node& node,
                  const std::string& path, const std::string& name, std::span<const std::string_view> skip,
                  std::map<const client::OptionRow*, std::string>& seen) {
    const client::OptionRow* row = set.find(name);
    if (!row) {
      const std::string near = set.suggest(name);
      problems_.add(place, path,
                    fmt::format("unknown option \"{}\"{}", name,
                                near.empty() ? did_you_mean(name, skip) : fmt::format("; did you mean \"{}\"?", near)));
      return;
    }
    if (const auto [at, is_new] = seen.emplace(row, name); !is_new) {
      problems_.add(place, path, fmt::format("{} is set twice, first as {}", row->name, at->second));
      return;
    }
    const auto value = value_text(node);
    if (!value) {
      problems_.add(node, path, value.error());
    } else if (const auto done = set.set(name, *value); !done) {
      std::string_view problem = done.error();
      const std::string prefix = std::string(row->name) + ": ";
      if (row->name == name && problem.starts_with(prefix)) problem.remove_prefix(prefix.size());
      problems_.add(node, path, std::string(problem));
    }
  }

  std::string read_string(const toml::table& table, std::string_view key, const std::string& path) {
    const toml::node* node = table.get(key);
    if (!node) return {};
    if (const auto* text = node->as_string()) return text->get();
    problems_.add(*node, fmt::format("{}.{}", path, key), fmt::format("expected a string, found {}", kind_word(*node)));
    return {};
  }

  std::vector<std::string> read_topics(const toml::table& table, const std::string& path) {
    const toml::node* node = table.get("topics");
    const std::string key = path + ".topics";
    if (!node) {
      problems_.add(table, key, "topics is missing");
      return {};
    }
    auto topics = string_list(*node);
    if (!topics) {
      problems_.add(*node, key, topics.error());
      return {};
    }
    if (topics->empty()) problems_.add(*node, key, "it names no topic");
    std::vector<std::string> unique;
    for (std::string& topic : *topics) {
      if (const std::string wrong = pattern_problem(topic); !wrong.empty()) {
        problems_.add(*node, key, wrong);
      } else if (!is_pattern(topic) && !is_topic_name(topic)) {
        problems_.add(
            *node, key,
            fmt::format("\"{}\" cannot be a topic: 1 to {} letters, digits, '.', '_' or '-'", topic, topic_size_max));
      } else if (std::ranges::find(unique, topic) == unique.end()) {
        unique.push_back(std::move(topic));
      }
    }
    return unique;
  }

  void read_handlers() {
    const toml::node* node = root_.get("handler");
    if (!node) return;
    const auto* named = node->as_table();
    if (!named) {
      problems_.add(*node, "handler", "write [handler.NAME]");
      return;
    }
    for (const auto& [key, value] : *named) {
      const std::string path = "handler." + std::string(key.str());
      if (const auto* table = value.as_table()) {
        read_handler(std::string(key.str()), path, *table);
      } else {
        problems_.add(key.source(), path, "write [handler.NAME] with its type and options");
      }
    }
  }

  void read_handler(std::string name, const std::string& path, const toml::table& table) {
    const auto types = handlers::handler_type_names();
    handlers::HandlerOptions options;
    options.name = std::move(name);
    handler_places_[options.name] = table.source();
    const toml::node* type_node = table.get("type");
    const std::string type_text = read_string(table, "type", path);
    const auto type = handlers::parse_handler_type(type_text);
    if (!type) {
      if (type_node && !type_node->is_string()) return;
      const std::string message =
          type_node ? fmt::format("there is no handler \"{}\"{}", type_text, did_you_mean(type_text, types))
                    : std::string("type is missing");
      problems_.add(type_node ? type_node->source() : table.source(), path + ".type",
                    fmt::format("{} (there is {})", message, fmt::join(types, ", ")));
      config_.handlers.push_back(std::move(options));
      return;
    }
    options.type = *type;
    client::OptionSet set;
    handlers::add_options(set, options);
    constexpr std::string_view own_keys[] = {"type"};
    std::map<const client::OptionRow*, std::string> seen;
    set_options(set, table, path, "", own_keys, seen);
    for (const auto& problem : handlers::check_relations(options)) problems_.add(table, path, problem);
    config_.handlers.push_back(std::move(options));
  }

  void read_sources() {
    for (const auto& [path, table] : tables_of("source")) read_source(path, *table);
    if (config_.sources.empty() && problems_.empty()) {
      problems_.add(root_, "source", "there is no [[source]]: nothing to consume");
    }
  }

  void read_source(const std::string& path, const toml::table& table) {
    SourceConfig source;
    source.name = read_string(table, "name", path);
    if (source.name.empty()) source.name = fmt::format("source{}", config_.sources.size() + 1);
    const auto same_name = [&](const SourceConfig& other) { return other.name == source.name; };
    if (std::ranges::any_of(config_.sources, same_name)) {
      problems_.add(table, path + ".name", fmt::format("two sources are named \"{}\"", source.name));
    }
    client::OptionSet set;
    set.add(client::client_option_table(), source.client);
    set.add(client::fetch_option_table(), source.consumer.fetch);
    set.add(group::group_option_table(), source.consumer.group);
    constexpr std::string_view own_keys[] = {"name", "topics"};
    std::map<const client::OptionRow*, std::string> seen;
    set_options(set, table, path, "", own_keys, seen);
    for (const auto& problem : client::check_relations(source.client, source.consumer.fetch)) {
      problems_.add(table, path, problem);
    }
    for (const auto& problem : group::check_relations(source.consumer.group)) problems_.add(table, path, problem);
    const group::GroupOptions& group = source.consumer.group;
    if (!seen.contains(set.find("group.id")) && group.offset_store_path.empty() && group.commit) {
      problems_.add(table, path,
                    "group.id is missing; to read all partitions without a group, name a file with offset.store.path, "
                    "or say enable.auto.commit = false");
    }
    subscriptions_.push_back({path, table.source(), read_topics(table, path)});
    const auto& topics = subscriptions_.back().topics;
    if (!topics.empty() && std::ranges::all_of(topics, [](const auto& topic) { return topic.starts_with('!'); })) {
      problems_.add(table, path + ".topics", "it only leaves topics out: name one, or write a ^pattern");
    }
    config_.sources.push_back(std::move(source));
  }

  void read_routes() {
    constexpr std::string_view known[] = {"topics", "handler", "source"};
    for (const auto& [path, table] : tables_of("route")) {
      for (const auto& [key, node] : *table) {
        if (std::ranges::find(known, key.str()) != std::end(known)) continue;
        problems_.add(key.source(), fmt::format("{}.{}", path, key.str()),
                      fmt::format("unknown key \"{}\"{}", key.str(), did_you_mean(key.str(), known)));
      }
      Route route;
      route.key = path;
      route.place = table->source();
      route.topics = read_topics(*table, path);
      route.handler = read_string(*table, "handler", path);
      route.source = read_string(*table, "source", path);
      check_names(route, *table);
      routes_.push_back(std::move(route));
    }
  }

  void check_names(const Route& route, const toml::table& table) {
    if (!table.get("handler")) {
      problems_.add(table, route.key, "handler is missing");
    } else if (!route.handler.empty() && !config_.find_handler(route.handler)) {
      std::vector<std::string_view> names;
      for (const auto& handler : config_.handlers) names.push_back(handler.name);
      problems_.add(*table.get("handler"), route.key + ".handler",
                    fmt::format("there is no [handler.{}]{}", route.handler, did_you_mean(route.handler, names)));
    }
    std::vector<std::string_view> names;
    for (const auto& source : config_.sources) names.push_back(source.name);
    if (!route.source.empty() && std::ranges::find(names, route.source) == names.end()) {
      problems_.add(*table.get("source"), route.key + ".source",
                    fmt::format("there is no source named \"{}\"{}", route.source, did_you_mean(route.source, names)));
    }
  }

  void read_run() {
    const toml::node* node = root_.get("run");
    if (!node) return;
    const auto* table = node->as_table();
    if (!table) {
      problems_.add(*node, "run", "write [run]");
      return;
    }
    constexpr std::string_view known[] = {"shutdown_timeout_ms"};
    for (const auto& [key, value] : *table) {
      const std::string path = "run." + std::string(key.str());
      const auto* number = value.as_integer();
      if (key.str() != known[0]) {
        problems_.add(key.source(), path,
                      fmt::format("unknown key \"{}\"{}", key.str(), did_you_mean(key.str(), known)));
      } else if (!number || number->get() < 0 || number->get() > shutdown_timeout_ms_max) {
        problems_.add(value, path, fmt::format("expected a whole number from 0 to {}", shutdown_timeout_ms_max));
      } else {
        config_.shutdown_timeout_ms = static_cast<std::int32_t>(number->get());
      }
    }
  }

  /// Finds the handler of each topic of a source: exactly one.
  void connect(SourceConfig& source, const Subscription& subscription) {
    for (const auto& topic : subscription.topics) {
      if (topic.starts_with('!')) {  // goes nowhere
        if (!config_.handlers.empty()) source.routes.push_back({topic, config_.handlers[0].name});
        continue;
      }
      std::vector<Route*> matching;
      for (Route& route : routes_) {
        const bool is_ours = route.source.empty() || route.source == source.name;
        if (is_ours && std::ranges::find(route.topics, topic) != route.topics.end()) matching.push_back(&route);
      }
      for (Route* route : matching) route->used = true;
      if (matching.size() > 1) {
        problems_.add(matching[1]->place, matching[1]->key,
                      fmt::format("topic \"{}\" of source \"{}\" already goes to handler \"{}\"", topic, source.name,
                                  matching[0]->handler));
      } else if (matching.size() == 1) {
        source.routes.push_back({topic, matching[0]->handler});
      } else if (routes_.empty() && config_.handlers.size() == 1) {
        source.routes.push_back({topic, config_.handlers[0].name});
      } else {
        problems_.add(subscription.place, subscription.key,
                      fmt::format("topic \"{}\" has no handler: add it to the topics of a [[route]]", topic));
      }
    }
  }

  void warn_of_unused() {
    for (const Route& route : routes_) {
      if (!route.used) warnings_.add(route.place, route.key, "no source asks for a topic of this route");
    }
    for (const auto& handler : config_.handlers) {
      const auto uses = [&](const SourceConfig& source) {
        return std::ranges::any_of(source.routes, [&](const RouteConfig& r) { return r.handler == handler.name; });
      };
      if (std::ranges::none_of(config_.sources, uses)) {
        warnings_.add(handler_places_[handler.name], "handler." + handler.name, "nothing is routed to this handler");
      }
    }
  }

  ProblemList problems_;
  ProblemList warnings_;
  const toml::table& root_;
  RunConfig config_;
  std::vector<Subscription> subscriptions_;
  std::vector<Route> routes_;
  std::map<std::string, toml::source_region> handler_places_;
};

}  // namespace

ConfigResult read_native_config(const std::string& file, std::string_view text) {
  auto root = parse_toml(file, text);
  if (!root) return std::unexpected(std::vector<ConfigProblem>{root.error()});
  return NativeReader(file, *root).read();
}

}  // namespace barnabas::tools
