#include "barnabas/handlers/remote/payload.hpp"

#include <cstring>

#include "barnabas/handlers/json_text.hpp"
#include "barnabas/protocol/base64.hpp"

namespace barnabas::handlers {

PayloadTopic::PayloadTopic(std::string_view topic) {
  head_ = "{\"topic\":";
  append_json_string(head_, topic);
  head_ += ",\"value\":";
}

void payload_append(std::string& body, const PayloadTopic& topic, std::span<const char> value, bool has_value) {
  body += body.empty() ? '[' : ',';
  if (!has_value) {
    body.append(topic.head()).append("null}");
    return;
  }
  const std::string& head = topic.head();
  const std::size_t old_size = body.size();
  const std::size_t size = old_size + head.size() + protocol::base64_size(value.size()) + 3;
  // One growth and no zero fill for the whole element. libstdc++ 12 hands the enlarged capacity to the callback, so its
  // second argument is of no use.
  body.resize_and_overwrite(size, [&](char* data, std::size_t) {
    char* to = data + old_size;
    std::memcpy(to, head.data(), head.size());
    to += head.size();
    *to++ = '"';
    to = protocol::base64_write(value, to);
    *to++ = '"';
    *to = '}';
    return size;
  });
}

void payload_finish(std::string& body) { body += body.empty() ? "[]" : "]"; }

bool header_check_keeps(std::span<const char> value) {
  if (value.size() < 4) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(value[i]); };
  if (byte(0) != 0xEF && byte(2) != 0) return false;
  return byte(3) == 40 || byte(3) == 70;
}

}  // namespace barnabas::handlers
