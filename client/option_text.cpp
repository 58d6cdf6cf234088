// Options for people: the help of a terminal and the reference page.
#include "barnabas/client/option_table.hpp"

namespace barnabas::client {
namespace {

std::string_view type_word(const OptionRow& row) {
  switch (row.type) {
    case OptionType::integer: return "number";
    case OptionType::boolean: return "true or false";
    case OptionType::text: return "text";
    case OptionType::choice: return "choice";
    case OptionType::list: return "list";
    case OptionType::endpoints: return "host:port list";
  }
  return "";
}

/// "a|b c" as "a, b, c" with each spelling.
std::string spellings(std::string_view choices) {
  std::string text;
  for (const char c : choices) {
    if (c == ' ') {
      text += ", ";
    } else if (c == '|') {
      text += " = ";
    } else {
      text += c;
    }
  }
  return text;
}

std::string range_text(const OptionRow& row) {
  if (row.type == OptionType::integer) return std::to_string(row.min) + " to " + std::to_string(row.max);
  return spellings(row.choices);
}

void append_wrapped(std::string& text, std::string_view words, std::size_t indent, std::size_t columns) {
  std::size_t column = indent;
  text.append(indent, ' ');
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    const auto word = words.substr(0, end);
    if (column > indent && column + 1 + word.size() > columns) {
      text.append("\n").append(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      text += ' ';
      ++column;
    }
    text += word;
    column += word.size();
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  text += '\n';
}

std::string in_code(std::string_view text) { return text.empty() ? std::string("—") : "`" + std::string(text) + "`"; }

std::string escaped_bars(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string aliases_in_code(std::string_view aliases) {
  if (aliases.empty()) return "";
  std::string text = "<br>also `";
  for (const char c : aliases) text += c == ' ' ? std::string("`, `") : std::string(1, c);
  return text + "`";
}

}  // namespace

std::string option_help(const OptionTable& table, std::size_t columns) {
  std::string text = std::string(table.title) + ":\n";
  for (const OptionRow& row : table.rows) {
    text.append("  ").append(row.name).append("=");
    const std::string default_value = row.get(row, table.defaults);
    text.append(default_value.empty() ? "…" : default_value);
    if (const std::string range = range_text(row); !range.empty()) text.append("  (").append(range).append(")");
    text += '\n';
    append_wrapped(text, row.sentence, 6, columns);
  }
  return text;
}

std::string option_markdown(const OptionTable& table) {
  std::string text = "| name | type | default | range | what it does |\n|---|---|---|---|---|\n";
  for (const OptionRow& row : table.rows) {
    text.append("| `").append(row.name).append("`").append(aliases_in_code(row.aliases)).append(" | ");
    text.append(type_word(row)).append(" | ").append(in_code(row.get(row, table.defaults))).append(" | ");
    text.append(range_text(row)).append(" | ").append(escaped_bars(row.sentence)).append(" |\n");
  }
  return text;
}

}  // namespace barnabas::client
