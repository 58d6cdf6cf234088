// Rows of figures, as a table for people, as CSV or as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::tools {

/// One field in the three forms. Made by the functions below.
struct Cell {
  std::string text = "-";
  std::string json = "null";
  std::string csv;
  bool right = false;  ///< numbers stand on the right

  /// Whether there is anything in it.
  bool empty() const { return json == "null" && text == "-"; }
};

/// Nothing when `text` is empty.
Cell words(std::string_view text);
Cell number(std::int64_t value);
/// Offsets and epochs: nothing when below 0.
Cell natural(std::int64_t value);
/// A number that nobody could tell: "?".
Cell not_known();
/// An array in JSON; commas in the other forms.
Cell list_of(const std::vector<std::string>& items);
Cell yes_or_no(bool value);
/// `json` for programs, `text` for people and CSV.
Cell with_json(std::string_view text, std::string json);

struct Column {
  Column(std::string column_name, bool hidden_when_empty = false)
      : name(std::move(column_name)), optional(hidden_when_empty) {}
  std::string name;   ///< as in JSON: "log_end"
  std::string title;  ///< for people; the name in capital letters when empty
  bool optional;      ///< left out of the text while all its fields are empty
};

Column titled(std::string name, std::string title);

struct Table {
  Table() = default;
  explicit Table(std::vector<Column> of) : columns(std::move(of)) {}
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

/// Aligned columns below capital letters, one line a row, each cut to `width`. Nothing without rows.
std::string table_text(const Table& table, std::size_t width = std::string::npos);
/// RFC 4180, with a line of names in front.
std::string table_csv(const Table& table);
/// A line of CSV, without its end.
std::string csv_line(const std::vector<std::string>& fields);
/// An array of objects.
std::string table_json(const Table& table);

/// So many characters as a terminal shows them, of the front of UTF-8; no end of a cut character.
std::string cut_to_width(std::string_view line, std::size_t width);

}  // namespace barnabas::tools
