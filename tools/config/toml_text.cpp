#include "barnabas/tools/config/toml_text.hpp"

#include <fmt/format.h>

namespace barnabas::tools {

std::expected<toml::table, ConfigProblem> parse_toml(const std::string& file, std::string_view text) {
  try {
    return toml::parse(text, std::string_view(file));
  } catch (const toml::parse_error& error) {
    const auto place = error.source().begin;
    return std::unexpected(ConfigProblem(file, place.line, place.column, "", std::string(error.description())));
  }
}

void ProblemList::add(const toml::source_region& place, std::string key, std::string message) {
  problems_.emplace_back(file_, place.begin.line, place.begin.column, std::move(key), std::move(message));
}

std::string_view kind_word(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

std::expected<std::string, std::string> value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (node.is_array()) {
    const auto items = string_list(node);
    if (!items) return std::unexpected(items.error());
    return fmt::format("{}", fmt::join(*items, ","));
  }
  return std::unexpected(fmt::format("expected a value, found {}", kind_word(node)));
}

std::expected<std::vector<std::string>, std::string> string_list(const toml::node& node) {
  if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
  const auto* array = node.as_array();
  if (!array) return std::unexpected(fmt::format("expected an array of strings, found {}", kind_word(node)));
  std::vector<std::string> items;
  for (const auto& item : *array) {
    const auto* text = item.as_string();
    if (!text) return std::unexpected(fmt::format("expected only strings in the array, found {}", kind_word(item)));
    if (text->get().find(',') != std::string::npos) {
      return std::unexpected(fmt::format("\"{}\" has a comma; write it as two strings", text->get()));
    }
    items.push_back(text->get());
  }
  return items;
}

std::string toml_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace barnabas::tools
