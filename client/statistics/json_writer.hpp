// JSON on one line, written straight into a text.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace barnabas::client {

/// Members in the order of the calls; the caller opens and closes in pairs. Any thread.
class JsonWriter {
 public:
  JsonWriter& open(std::string_view key = {});
  JsonWriter& close();
  JsonWriter& member(std::string_view key, std::string_view value);
  JsonWriter& member(std::string_view key, const char* value) { return member(key, std::string_view(value)); }
  JsonWriter& member(std::string_view key, bool value);
  template <std::integral Integer>
  JsonWriter& member(std::string_view key, Integer value) {
    begin(key);
    text_ += std::to_string(value);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view key);
  std::string text_;
  bool first_ = true;
};

}  // namespace barnabas::client
