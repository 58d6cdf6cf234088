#include "barnabas/tools/kafkamq_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "barnabas/client/error.hpp"
#include "barnabas/client/option_table.hpp"
#include "barnabas/tools/config/toml_text.hpp"

namespace barnabas::tools {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::string_view not_forwarded =
    "its records would be consumed but not forwarded, so nothing is started; remove the section, or leave this input "
    "to "
    "the collector for now";

/// Translates one [[inputs.kafkamq]].
class InputTranslator {
 public:
  InputTranslator(const toml::table& input, std::size_t index, ProblemList& errors, ProblemList& warnings)
      : input_(input),
        path_(fmt::format("inputs.kafkamq[{}]", index)),
        suffix_(index == 0 ? "" : fmt::format("-{}", index + 1)),
        errors_(errors),
        warnings_(warnings) {}

  /// The native text; empty when this input has nothing to do.
  std::string translate() {
    const std::size_t errors_before = errors_.size();
    warn_of_unknown_keys(input_, path_,
                         {"addr",
                          "addrs",
                          "kafka_version",
                          "group_id",
                          "assignor",
                          "limit_sec",
                          "sampling_rate",
                          "tls_enable",
                          "tls_security_protocol",
                          "tls_sasl_mechanism",
                          "tls_sasl_plain_username",
                          "tls_sasl_plain_password",
                          "ssl_cert",
                          "offsets",
                          "client_id",
                          "skywalking",
                          "jaeger",
                          "otel",
                          "custom",
                          "remote_handle"});
    refuse_missing_handlers();
    refuse_security();
    check_version();
    check_flow();
    check_assignor();
    const auto* remote = section("remote_handle");
    const auto topics = remote ? read_strings(*remote, "topics", path_ + ".remote_handle") : std::vector<std::string>();
    if (topics.empty()) {
      if (errors_.size() == errors_before) {
        warnings_.add(input_, path_, "no handler here names a topic: this input does nothing");
      }
      return {};
    }
    std::string text = source_text(topics);
    text += handler_text(*remote, topics);
    return text;
  }

 private:
  // --- reading

  const toml::table* section(std::string_view name) {
    const toml::node* node = input_.get(name);
    if (!node) return nullptr;
    if (const auto* table = node->as_table()) return table;
    errors_.add(*node, fmt::format("{}.{}", path_, name), fmt::format("expected a table, found {}", kind_word(*node)));
    return nullptr;
  }

  template <class Value>
  Value read(const toml::table& table, std::string_view key, const std::string& path, Value fallback) {
    const toml::node* node = table.get(key);
    if (!node) return fallback;
    if (const auto value = node->value_exact<Value>()) return *value;
    errors_.add(*node, fmt::format("{}.{}", path, key), fmt::format("{} is of the wrong kind here", kind_word(*node)));
    return fallback;
  }

  std::vector<std::string> read_strings(const toml::table& table, std::string_view key, const std::string& path) {
    const toml::node* node = table.get(key);
    if (!node) return {};
    auto strings = string_list(*node);
    if (!strings) {
      errors_.add(*node, fmt::format("{}.{}", path, key), strings.error());
      return {};
    }
    std::vector<std::string> unique;
    for (auto& text : *strings) {
      if (std::ranges::find(unique, text) == unique.end()) unique.push_back(std::move(text));
    }
    return unique;
  }

  void warn_of_unknown_keys(const toml::table& table, const std::string& path, Names known) {
    for (const auto& [key, node] : table) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      const auto near = client::nearest_name(key.str(), known);
      std::string message = fmt::format("unknown key \"{}\" has no effect", key.str());
      if (!near.empty()) message += fmt::format("; did you mean \"{}\"?", near);
      warnings_.add(key.source(), fmt::format("{}.{}", path, key.str()), std::move(message));
    }
  }

  // --- what cannot be translated

  void refuse_handler(std::string_view name, Names topic_keys) {
    const auto* table = section(name);
    if (!table) return;
    const auto names_topics = [&](std::string_view key) {
      const toml::node* node = table->get(key);
      if (!node) return false;
      if (const auto* array = node->as_array()) return !array->empty();
      if (const auto* map = node->as_table()) return !map->empty();
      return true;
    };
    const std::string path = fmt::format("{}.{}", path_, name);
    if (std::ranges::any_of(topic_keys, names_topics)) {
      errors_.add(*table, path,
                  fmt::format("the {} handler is not available in this version: {}", name, not_forwarded));
    } else {
      warnings_.add(*table, path, "this section names no topic and has no effect");
    }
  }

  void refuse_missing_handlers() {
    refuse_handler("skywalking", {"topics"});
    refuse_handler("jaeger", {"topics"});
    refuse_handler("otel", {"trace_topics", "metric_topics"});
    refuse_handler("custom", {"log_topic_map", "metric_topic_map", "rum_topic_map", "log_topics", "metric_topic"});
  }

  void refuse_security() {
    constexpr std::string_view details[] = {"tls_security_protocol", "tls_sasl_mechanism", "tls_sasl_plain_username",
                                            "tls_sasl_plain_password", "ssl_cert"};
    if (read(input_, "tls_enable", path_, false)) {
      errors_.add(*input_.get("tls_enable"), path_ + ".tls_enable",
                  "SASL and TLS are not available in this version; connecting without them would be refused by the "
                  "brokers or would send records in clear text");
      return;
    }
    for (const auto key : details) {
      if (const auto* node = input_.get(key); node && !(node->is_string() && node->as_string()->get().empty())) {
        warnings_.add(*node, fmt::format("{}.{}", path_, key), "has no effect while tls_enable is not true");
      }
    }
  }

  void check_version() {
    const auto version = read(input_, "kafka_version", path_, std::string());
    if (version.empty() || is_kafkamq_version(version)) return;
    warnings_.add(
        *input_.get("kafka_version"), path_ + ".kafka_version",
        fmt::format("\"{}\" is not a version; it does not matter, versions are agreed on with each broker", version));
  }

  void check_flow() {
    if (read(input_, "limit_sec", path_, std::int64_t{0}) > 0) {
      warnings_.add(*input_.get("limit_sec"), path_ + ".limit_sec",
                    "the rate limit is not available in this version: records are delivered as fast as they are taken");
    }
    const toml::node* rate_node = input_.get("sampling_rate");
    if (!rate_node) return;
    const auto rate = rate_node->value<double>();
    if (!rate) {
      errors_.add(*rate_node, path_ + ".sampling_rate",
                  fmt::format("expected a number, found {}", kind_word(*rate_node)));
    } else if (*rate > 0 && *rate < 1) {
      warnings_.add(*rate_node, path_ + ".sampling_rate",
                    "sampling is not available in this version: every record is delivered");
    }
  }

  void check_assignor() {
    const auto assignor = read(input_, "assignor", path_, std::string());
    if (assignor == "roundrobin" || assignor == "sticky") assignor_ = assignor;
    if (assignor.empty() || assignor == "range" || assignor == assignor_) return;
    warnings_.add(*input_.get("assignor"), path_ + ".assignor",
                  fmt::format("\"{}\" is no assignor; range is used, as by the collector", assignor));
  }

  // --- what can

  static std::string quoted_list(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + toml_quoted(item);
    return "[" + text + "]";
  }

  std::vector<std::string> read_addresses() {
    auto addresses = read_strings(input_, "addrs", path_);
    const auto first = read(input_, "addr", path_, std::string());
    if (!first.empty() && std::ranges::find(addresses, first) == addresses.end()) {
      addresses.insert(addresses.begin(), first);
    }
    std::erase(addresses, "");
    const toml::node* node = input_.get("addrs") ? input_.get("addrs") : input_.get("addr");
    for (const auto& address : addresses) {
      try {
        client::parse_endpoints(address);
      } catch (const Error& error) {
        errors_.add(*node, path_ + ".addrs", error.what());
      }
    }
    if (addresses.empty()) errors_.add(node ? *node : input_, path_ + ".addrs", "it names no broker");
    return addresses;
  }

  std::string source_text(const std::vector<std::string>& topics) {
    const auto group_id = read(input_, "group_id", path_, std::string());
    if (group_id.empty()) errors_.add(input_, path_ + ".group_id", "group_id is missing");
    const auto client_id = read(input_, "client_id", path_, std::string());
    constexpr std::int64_t oldest = -2;
    const bool from_oldest = read(input_, "offsets", path_, std::int64_t{-1}) == oldest;

    std::string text = fmt::format("[[source]]\nname = {}\n", toml_quoted("kafkamq" + suffix_));
    text += fmt::format("bootstrap.servers = {}\n", quoted_list(read_addresses()));
    text += fmt::format("group.id = {}\n", toml_quoted(group_id));
    if (!client_id.empty()) text += fmt::format("client.id = {}\n", toml_quoted(client_id));
    text += fmt::format("auto.offset.reset = \"{}\"\n", from_oldest ? "earliest" : "latest");
    text += fmt::format("partition.assignment.strategy = \"{}\"\n", assignor_);
    text += fmt::format("topics = {}\n", quoted_list(topics));
    return text;
  }

  std::string handler_text(const toml::table& remote, const std::vector<std::string>& topics) {
    const std::string path = path_ + ".remote_handle";
    warn_of_unknown_keys(remote, path,
                         {"endpoint", "topics", "send_message_count", "debug", "is_response_point", "header_check",
                          "pipeline", "thread"});
    const auto endpoint = read(remote, "endpoint", path, std::string());
    if (const auto problem = handlers::check_endpoint(endpoint); !problem.empty()) {
      const toml::node* node = remote.get("endpoint");
      errors_.add(node ? *node : remote, path + ".endpoint", problem);
    }
    if (!read(remote, "pipeline", path, std::string()).empty()) {
      warnings_.add(*remote.get("pipeline"), path + ".pipeline", "has no effect, here as in the collector");
    }
    const bool has_points = read(remote, "is_response_point", path, false);
    if (has_points) {
      warnings_.add(*remote.get("is_response_point"), path + ".is_response_point",
                    "points in responses are not forwarded in this version: response bodies are ignored");
    }
    const auto count =
        std::clamp<std::int64_t>(read(remote, "send_message_count", path, std::int64_t{0}), 1, 1'000'000);
    const auto thread = std::clamp<std::int64_t>(read(remote, "thread", path, std::int64_t{1}), 1, 1'024);
    const std::string name = "remote_handle" + suffix_;

    std::string text = fmt::format("\n[[route]]\nsource = {}\ntopics = {}\nhandler = {}\n",
                                   toml_quoted("kafkamq" + suffix_), quoted_list(topics), toml_quoted(name));
    text += fmt::format("\n[handler.{}]\ntype = \"remote\"\nendpoint = {}\n", name, toml_quoted(endpoint));
    text += fmt::format("send_message_count = {}\nflush_interval_ms = 5000\n", count);
    text += fmt::format("debug = {}\n", read(remote, "debug", path, false));
    text += fmt::format("is_response_point = {}\n", has_points);
    text += fmt::format("header_check = {}\n", read(remote, "header_check", path, false));
    if (thread > 1) text += fmt::format("thread = {}\n", thread);
    return text;
  }

  const toml::table& input_;
  std::string path_;
  std::string suffix_;
  std::string assignor_ = "range";
  ProblemList& errors_;
  ProblemList& warnings_;
};

/// What stands beside [[inputs.kafkamq]]: other inputs, other sections.
void warn_of_neighbours(const toml::table& root, ProblemList& warnings) {
  for (const auto& [key, node] : root) {
    if (key.str() != "inputs") warnings.add(key.source(), std::string(key.str()), "unknown key has no effect");
  }
  for (const auto& [key, node] : *root.get_as<toml::table>("inputs")) {
    if (key.str() == "kafkamq") continue;
    warnings.add(key.source(), fmt::format("inputs.{}", key.str()), "this input is not read here");
  }
}

bool has_kafkamq(const toml::table& root) {
  const auto* inputs = root.get_as<toml::table>("inputs");
  return inputs && inputs->get("kafkamq");
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_kafkamq_version(std::string_view text) {
  constexpr std::size_t shortest = 5;
  if (text.size() < shortest) return false;
  const std::size_t numbers_expected = text.front() == '0' ? 4 : 3;
  std::size_t numbers = 0;
  while (true) {
    const auto dot = text.find('.');
    if (!all_digits(text.substr(0, dot))) return false;
    ++numbers;
    if (dot == text.npos) return numbers == numbers_expected;
    text.remove_prefix(dot + 1);
  }
}

bool is_kafkamq_conf(std::string_view text) {
  const auto root = parse_toml("", text);
  return root && has_kafkamq(*root);
}

KafkamqTranslation translate_kafkamq_conf(const std::string& file, std::string_view text) {
  KafkamqTranslation translation;
  const auto root = parse_toml(file, text);
  if (!root) {
    translation.errors.push_back(root.error());
    return translation;
  }
  ProblemList errors(file), warnings(file);
  if (!has_kafkamq(*root)) {
    errors.add(*root, "inputs.kafkamq", "there is no [[inputs.kafkamq]]");
    translation.errors = errors.take();
    return translation;
  }
  warn_of_neighbours(*root, warnings);
  const toml::node& node = *root->get_as<toml::table>("inputs")->get("kafkamq");
  std::string native;
  const auto translate_one = [&](const toml::node& item, std::size_t index) {
    const auto* input = item.as_table();
    if (!input) {
      errors.add(item, fmt::format("inputs.kafkamq[{}]", index), "write [[inputs.kafkamq]]");
      return;
    }
    const std::string part = InputTranslator(*input, index, errors, warnings).translate();
    if (!part.empty()) native += "\n" + part;
  };
  if (const auto* inputs = node.as_array()) {
    for (std::size_t i = 0; i < inputs->size(); ++i) translate_one(*inputs->get(i), i);
  } else {
    translate_one(node, 0);
  }
  if (native.empty() && errors.empty()) {
    errors.add(node, "inputs.kafkamq", "no topic is named by any handler: nothing to consume");
  }
  translation.warnings = warnings.take();
  translation.errors = errors.take();
  if (translation.errors.empty()) translation.toml = "# Translated from a kafkamq.conf.\n" + native;
  return translation;
}

}  // namespace barnabas::tools
