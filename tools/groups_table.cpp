#include "barnabas/tools/groups_table.hpp"

#include <algorithm>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/tools/terminal.hpp"

namespace barnabas::tools {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t width_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

std::string title_of(const Column& column) {
  if (!column.title.empty()) return column.title;
  std::string title = column.name;
  for (char& c : title) c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return title;
}

std::vector<std::size_t> shown_columns(const Table& table) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto filled = [i](const auto& row) { return !row[i].empty(); };
    if (!table.columns[i].optional || std::ranges::any_of(table.rows, filled)) shown.push_back(i);
  }
  return shown;
}

void append_padded(std::string& line, std::string_view text, std::size_t width, bool right) {
  const std::size_t missing = width - std::min(width, width_of(text));
  if (right) line.append(missing, ' ');
  line += text;
  if (!right) line.append(missing, ' ');
}

void append_line(std::string& out, std::string line, std::size_t width) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  out += cut_to_width(line, width);
  out += '\n';
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

Cell words(std::string_view text) {
  if (text.empty()) return {};
  return {one_line(text), handlers::json_string(text), std::string(text), false};
}

Cell number(std::int64_t value) {
  const std::string digits = std::to_string(value);
  return {digits, digits, digits, true};
}

Cell natural(std::int64_t value) {
  Cell nothing;
  nothing.right = true;
  return value < 0 ? nothing : number(value);
}

Cell not_known() { return {"?", "null", "", true}; }

Cell list_of(const std::vector<std::string>& items) {
  std::string text, json;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ",") + item;
    json += (json.empty() ? "" : ",") + handlers::json_string(item);
  }
  return {text.empty() ? "-" : one_line(text), "[" + json + "]", text, false};
}

Cell yes_or_no(bool value) { return {value ? "yes" : "no", value ? "true" : "false", value ? "yes" : "no", false}; }

Cell with_json(std::string_view text, std::string json) {
  return {text.empty() ? "-" : one_line(text), std::move(json), std::string(text), false};
}

Column titled(std::string name, std::string title) {
  Column column(std::move(name));
  column.title = std::move(title);
  return column;
}

std::string table_text(const Table& table, std::size_t width) {
  std::string out;
  if (table.rows.empty()) return out;
  const std::vector<std::size_t> shown = shown_columns(table);
  std::vector<std::size_t> widths(table.columns.size());
  std::string titles;
  for (const std::size_t i : shown) {
    const std::string title = title_of(table.columns[i]);
    widths[i] = title.size();
    for (const auto& row : table.rows) widths[i] = std::max(widths[i], width_of(row[i].text));
    append_padded(titles, title, widths[i], table.rows.front()[i].right);
    titles += "  ";
  }
  append_line(out, std::move(titles), width);
  for (const auto& row : table.rows) {
    std::string line;
    for (const std::size_t i : shown) {
      append_padded(line, row[i].text, widths[i], row[i].right);
      line += "  ";
    }
    append_line(out, std::move(line), width);
  }
  return out;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(fields[i]);
  return line;
}

std::string table_csv(const Table& table) {
  std::vector<std::string> fields;
  for (const Column& column : table.columns) fields.push_back(column.name);
  std::string out = csv_line(fields) + "\r\n";
  for (const auto& row : table.rows) {
    fields.clear();
    for (const Cell& cell : row) fields.push_back(cell.csv);
    out += csv_line(fields) + "\r\n";
  }
  return out;
}

std::string table_json(const Table& table) {
  std::string out = "[";
  for (const auto& row : table.rows) {
    out += out.size() == 1 ? "{" : ",{";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i == 0 ? "\"" : ",\"") + table.columns[i].name + "\":" + row[i].json;
    }
    out += '}';
  }
  return out + "]";
}

std::string cut_to_width(std::string_view line, std::size_t width) {
  std::size_t bytes = 0;
  for (std::size_t shown = 0; bytes < line.size(); ++bytes) {
    if (!continues_character(line[bytes]) && shown++ == width) break;
  }
  return std::string(line.substr(0, bytes));
}

}  // namespace barnabas::tools
