#include "barnabas/client/statistics/json_writer.hpp"

#include "barnabas/protocol/json.hpp"

namespace barnabas::client {

void JsonWriter::begin(std::string_view key) {
  if (text_.empty()) return;
  if (!first_) text_ += ',';
  first_ = false;
  protocol::append_json_string(text_, key);
  text_ += ':';
}

JsonWriter& JsonWriter::open(std::string_view key) {
  begin(key);
  text_ += '{';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close() {
  text_ += '}';
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view key, std::string_view value) {
  begin(key);
  protocol::append_json_string(text_, value);
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view key, bool value) {
  begin(key);
  text_ += value ? "true" : "false";
  return *this;
}

}  // namespace barnabas::client
