// Options by name: the rows from which parsing, help, the reference page and "did you mean" are made.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "barnabas/client/options.hpp"

namespace barnabas::client {

enum class OptionType : std::uint8_t { integer, boolean, text, choice, list, endpoints };

/// One option of one struct.
struct OptionRow {
  std::string_view name;     ///< Java's spelling where Java has it, else librdkafka's, else ours
  std::string_view aliases;  ///< other names, separated by blanks
  OptionType type;
  std::int64_t min = 0, max = 0;  ///< of integers, and of the length of texts; both ends included
  std::string_view choices;       ///< of choices (in the order of the enum) and lists; other spellings behind '|'
  std::string_view sentence;
  /// Empty when `text` was taken, else what is wrong with it.
  std::string (*set)(const OptionRow& row, void* options, std::string_view text);
  std::string (*get)(const OptionRow& row, const void* options);
};

/// The rows of one struct, with its defaults.
struct OptionTable {
  std::string_view title;
  std::span<const OptionRow> rows;
  const void* defaults;
};

template <class Options>
struct OptionTableOf : OptionTable {
  constexpr OptionTableOf(std::string_view table_title, std::span<const OptionRow> table_rows,
                          const Options& defaults_of)
      : OptionTable{table_title, table_rows, &defaults_of} {}
};

const OptionTableOf<ClientOptions>& client_option_table();
const OptionTableOf<FetchOptions>& fetch_option_table();

/// What is wrong with options that are fine one by one; one sentence each.
std::vector<std::string> check_relations(const ClientOptions& options);
std::vector<std::string> check_relations(const ClientOptions& client, const FetchOptions& fetch);

/// Structs that are set together under one set of names. The structs outlive it. One thread at a time.
class OptionSet {
 public:
  template <class Options>
  void add(const OptionTableOf<Options>& table, Options& options) {
    parts_.push_back({&table, &options});
  }

  /// The row of this name or alias ('_' and '-' count as '.'), or null.
  const OptionRow* find(std::string_view name) const;
  /// The error is a whole sentence: the unknown name with "did you mean", or what is wrong with the value.
  std::expected<const OptionRow*, std::string> set(std::string_view name, std::string_view value);
  /// Takes "name=value".
  std::expected<const OptionRow*, std::string> set_pair(std::string_view pair);
  /// The name nearest to `name`, or empty when none is near.
  std::string suggest(std::string_view name) const;
  /// The value as it stands, in the form that set() takes; empty for an unknown name.
  std::string value(std::string_view name) const;

 private:
  struct Part {
    const OptionTable* table;
    void* options;
  };
  struct Found {
    const OptionRow* row = nullptr;
    void* options = nullptr;
  };
  Found look_up(std::string_view name) const;

  std::vector<Part> parts_;
};

/// One line or two an option, for a terminal of `columns` columns.
std::string option_help(const OptionTable& table, std::size_t columns = 100);
/// A table for the reference page.
std::string option_markdown(const OptionTable& table);

/// The candidate nearest to `name` by edit distance, or empty when none is near enough to be a slip of the hand.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

namespace option_detail {

std::string set_integer(const OptionRow& row, std::string_view text, std::int64_t& value);
std::string set_boolean(std::string_view text, bool& value);
std::string set_text(const OptionRow& row, std::string_view text, std::string& value);
std::string set_choice(const OptionRow& row, std::string_view text, std::size_t& index);
std::string set_list(const OptionRow& row, std::string_view text, std::vector<std::string>& value);
std::string set_endpoints(std::string_view text, std::vector<runtime::Endpoint>& value);
std::string get_choice(const OptionRow& row, std::size_t index);
std::string get_list(const std::vector<std::string>& value);
std::string get_endpoints(const std::vector<runtime::Endpoint>& value);

/// A type of its own that reads and writes itself.
template <class Value>
concept TextValue = requires(Value value, const Value constant, std::string_view text) {
  { value.set_text(text) } -> std::same_as<std::string>;
  { constant.text() } -> std::same_as<std::string>;
};

template <class Value>
constexpr OptionType type_of() {
  if constexpr (std::is_same_v<Value, bool>) return OptionType::boolean;
  if constexpr (std::is_enum_v<Value>) return OptionType::choice;
  if constexpr (std::is_same_v<Value, std::string> || TextValue<Value>) return OptionType::text;
  if constexpr (std::is_same_v<Value, std::vector<std::string>>) return OptionType::list;
  if constexpr (std::is_same_v<Value, std::vector<runtime::Endpoint>>) return OptionType::endpoints;
  return OptionType::integer;
}

template <class Value>
std::string set_value(const OptionRow& row, std::string_view text, Value& value) {
  if constexpr (TextValue<Value>) {
    return value.set_text(text);
  } else if constexpr (type_of<Value>() == OptionType::boolean) {
    return set_boolean(text, value);
  } else if constexpr (type_of<Value>() == OptionType::text) {
    return set_text(row, text, value);
  } else if constexpr (type_of<Value>() == OptionType::list) {
    return set_list(row, text, value);
  } else if constexpr (type_of<Value>() == OptionType::endpoints) {
    return set_endpoints(text, value);
  } else if constexpr (type_of<Value>() == OptionType::choice) {
    std::size_t index = 0;
    std::string problem = set_choice(row, text, index);
    if (problem.empty()) value = static_cast<Value>(index);
    return problem;
  } else {
    std::int64_t number = 0;
    std::string problem = set_integer(row, text, number);
    if (problem.empty()) value = static_cast<Value>(number);
    return problem;
  }
}

template <class Value>
std::string get_value(const OptionRow& row, const Value& value) {
  if constexpr (TextValue<Value>) {
    return value.text();
  } else if constexpr (type_of<Value>() == OptionType::boolean) {
    return value ? "true" : "false";
  } else if constexpr (type_of<Value>() == OptionType::text) {
    return value;
  } else if constexpr (type_of<Value>() == OptionType::list) {
    return get_list(value);
  } else if constexpr (type_of<Value>() == OptionType::endpoints) {
    return get_endpoints(value);
  } else if constexpr (type_of<Value>() == OptionType::choice) {
    return get_choice(row, static_cast<std::size_t>(value));
  } else {
    return std::to_string(value);
  }
}

template <class Member>
struct MemberParts;
template <class Options, class Value>
struct MemberParts<Value Options::*> {
  using OptionsType = Options;
  using ValueType = Value;
};

}  // namespace option_detail

/// A row for `&Options::member`; the type follows from the member.
template <auto member>
constexpr OptionRow option_row(std::string_view name, std::string_view aliases, std::string_view sentence) {
  using Parts = option_detail::MemberParts<decltype(member)>;
  using Options = typename Parts::OptionsType;
  using Value = typename Parts::ValueType;
  OptionRow row{};
  row.name = name;
  row.aliases = aliases;
  row.type = option_detail::type_of<Value>();
  row.max = 1'000;
  row.sentence = sentence;
  row.set = [](const OptionRow& self, void* options, std::string_view text) {
    return option_detail::set_value(self, text, static_cast<Options*>(options)->*member);
  };
  row.get = [](const OptionRow& self, const void* options) {
    return option_detail::get_value(self, static_cast<const Options*>(options)->*member);
  };
  return row;
}

/// The same with bounds: of the number, or of the length of a text.
template <auto member>
constexpr OptionRow option_row(std::string_view name, std::string_view aliases, std::int64_t min, std::int64_t max,
                               std::string_view sentence) {
  OptionRow row = option_row<member>(name, aliases, sentence);
  row.min = min;
  row.max = max;
  return row;
}

/// The same for an enum or a list of which each item is one of `choices`.
template <auto member>
constexpr OptionRow option_row_of(std::string_view name, std::string_view aliases, std::string_view choices,
                                  std::string_view sentence) {
  OptionRow row = option_row<member>(name, aliases, sentence);
  row.choices = choices;
  return row;
}

}  // namespace barnabas::client
