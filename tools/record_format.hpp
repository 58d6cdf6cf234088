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
  void append(std::string& out, const RecordOrigin& origin, const records::RecordView& record, bool show_null) const;

 private:
  struct Piece {
    char letter;  // 0: text
    std::string text;
  };
  RecordFormat() = default;
  std::vector<Piece> pieces_;
};

/// One JSON object and a line end. Keys and values that are not UTF-8 go as base64 into key_b64 and payload_b64.
void append_json(std::string& out, const RecordOrigin& origin, const records::RecordView& record);

}  // namespace barnabas::tools
