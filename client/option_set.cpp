#include <algorithm>
#include <cctype>
#include <charconv>

#include "barnabas/client/error.hpp"
#include "barnabas/client/option_table.hpp"

namespace barnabas::client {
namespace {

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

char plain(char c) {
  if (c == '_' || c == '-') return '.';
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return plain(x) == plain(y); });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool has_name(const OptionRow& row, std::string_view name) {
  if (same_name(row.name, name)) return true;
  return std::ranges::any_of(split(row.aliases, ' '), [&](std::string_view alias) { return same_name(alias, name); });
}

/// Edits (insert, remove, replace, swap of neighbours) between two names.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = plain(a[i - 1]) == plain(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]);
      if (swapped) now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = now;
  }
  return last[b.size()];
}

/// The canonical spelling among "a|b c|d", or empty.
std::string_view matching_choice(std::string_view choices, std::string_view text, std::size_t& index) {
  index = 0;
  for (const auto choice : split(choices, ' ')) {
    const auto spellings = split(choice, '|');
    for (const auto spelling : spellings) {
      if (same_name(spelling, text)) return spellings.front();
    }
    ++index;
  }
  return {};
}

std::string one_of(std::string_view choices) {
  std::string text;
  for (const auto choice : split(choices, ' ')) {
    if (!text.empty()) text += ", ";
    text += split(choice, '|').front();
  }
  return text;
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t name_size_max = 100;
  if (name.size() > name_size_max) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const auto candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

OptionSet::Found OptionSet::look_up(std::string_view name) const {
  for (const Part& part : parts_) {
    for (const OptionRow& row : part.table->rows) {
      if (has_name(row, name)) return {&row, part.options};
    }
  }
  return {};
}

const OptionRow* OptionSet::find(std::string_view name) const { return look_up(name).row; }

std::string OptionSet::suggest(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const Part& part : parts_) {
    for (const OptionRow& row : part.table->rows) {
      names.push_back(row.name);
      for (const auto alias : split(row.aliases, ' ')) names.push_back(alias);
    }
  }
  return std::string(nearest_name(name, names));
}

std::expected<const OptionRow*, std::string> OptionSet::set(std::string_view name, std::string_view value) {
  const Found found = look_up(name);
  if (!found.row) {
    std::string problem = "unknown option " + quoted(name);
    if (const std::string near = suggest(name); !near.empty()) problem += "; did you mean " + quoted(near) + "?";
    return std::unexpected(problem);
  }
  std::string problem = found.row->set(*found.row, found.options, trimmed(value));
  if (!problem.empty()) return std::unexpected(std::string(found.row->name) + ": " + problem);
  return found.row;
}

std::expected<const OptionRow*, std::string> OptionSet::set_pair(std::string_view pair) {
  const auto equals = pair.find('=');
  if (equals == pair.npos) return std::unexpected("write name=value, not " + quoted(pair));
  return set(trimmed(pair.substr(0, equals)), pair.substr(equals + 1));
}

std::string OptionSet::value(std::string_view name) const {
  const Found found = look_up(name);
  return found.row ? found.row->get(*found.row, found.options) : std::string();
}

namespace option_detail {

std::string set_integer(const OptionRow& row, std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && value >= row.min && value <= row.max) return {};
  return quoted(text) + " is not a whole number from " + std::to_string(row.min) + " to " + std::to_string(row.max);
}

std::string set_boolean(std::string_view text, bool& value) {
  std::size_t index = 0;
  if (matching_choice("true|yes|on|1 false|no|off|0", text, index).empty()) {
    return quoted(text) + " is neither true nor false";
  }
  value = index == 0;
  return {};
}

std::string set_text(const OptionRow& row, std::string_view text, std::string& value) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (size < row.min) return "it must not be empty";
  if (size > row.max) return "it is longer than " + std::to_string(row.max) + " bytes";
  value = text;
  return {};
}

std::string set_choice(const OptionRow& row, std::string_view text, std::size_t& index) {
  if (!matching_choice(row.choices, text, index).empty()) return {};
  return quoted(text) + " is not one of " + one_of(row.choices);
}

std::string set_list(const OptionRow& row, std::string_view text, std::vector<std::string>& value) {
  std::vector<std::string> items;
  for (const auto part : split(text, ',')) {
    std::string item(trimmed(part));
    if (item.empty()) continue;
    if (!row.choices.empty()) {
      std::size_t index = 0;
      const auto choice = matching_choice(row.choices, item, index);
      if (choice.empty()) return quoted(item) + " is not available; there is " + one_of(row.choices);
      item = choice;
    }
    if (std::ranges::find(items, item) == items.end()) items.push_back(std::move(item));
  }
  if (items.empty()) return "it names nothing";
  value = std::move(items);
  return {};
}

std::string set_endpoints(std::string_view text, std::vector<runtime::Endpoint>& value) {
  try {
    value = parse_endpoints(text);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string get_choice(const OptionRow& row, std::size_t index) {
  const auto choices = split(row.choices, ' ');
  return index < choices.size() ? std::string(split(choices[index], '|').front()) : std::to_string(index);
}

std::string get_list(const std::vector<std::string>& value) {
  std::string text;
  for (const auto& item : value) text.append(text.empty() ? "" : ",").append(item);
  return text;
}

std::string get_endpoints(const std::vector<runtime::Endpoint>& value) {
  std::string text;
  for (const auto& endpoint : value) text.append(text.empty() ? "" : ",").append(endpoint.text());
  return text;
}

}  // namespace option_detail
}  // namespace barnabas::client
