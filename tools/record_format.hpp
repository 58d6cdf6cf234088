// How consumed records are printed: kcat's format letters, JSON lines, or value by value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "barnabas/protocol/records/view.hpp"

namespace barnabas::tools {

/// Where a record comes from.
struct RecordOrigin {
  std::string_view topic;
  std::int32_t partition;
  std::int32_t leader_epoch;
  std::int16_t delivery_count = 0;  ///< only share groups count: JSON says it when it is not 0
};

/// What kafka-console-consumer prints, under the names of its formatter properties.
struct ConsoleFormat {
  bool print_timestamp = false, print_partition = false, print_offset = false, print_epoch = false;
  bool print_headers = false, print_key = false, print_value = true;
  std::string key_separator = "\t";  ///< also behind timestamp, partition, offset and headers
  std::string line_separator = "\n";
  std::string null_literal = "null";

  /// Takes "print.key=true" and the like. False when the name is none of the formatter's; throws Error(config) for a
  /// value that makes no sense.
  bool set(std::string_view pair);
};

/// A format text, taken apart once. %t topic, %p partition, %o offset, %k key, %K key length, %s value, %S its length,
/// %R its length as four bytes big-endian, %T timestamp in ms, %h headers, %e leader epoch, %% a percent sign; \n \r \t
/// \xNN.
class RecordFormat {
 public:
  /// Throws Error(config) for a letter that is not known.
  explicit RecordFormat(std::string_view format);
  /// Keys with `key_separator` behind them unless that is empty, values with `delimiter` behind them. Both may hold
  /// escapes, and percent signs that mean themselves.
  static RecordFormat plain(std::string_view key_separator, std::string_view delimiter);
  static RecordFormat console(const ConsoleFormat& console);
  void append(std::string& out, const RecordOrigin& origin, const records::RecordView& record, bool show_null) const;

 private:
  struct Piece {
    char letter;  // 0: text
    std::string text;
  };
  RecordFormat() = default;
  std::vector<Piece> pieces_;
  std::string null_text_;  ///< printed for null, unless show_null asks for NULL
};

/// One JSON object and a line end. Keys and values that are not UTF-8 go as base64 into key_b64 and payload_b64.
void append_json(std::string& out, const RecordOrigin& origin, const records::RecordView& record);

}  // namespace barnabas::tools
