// The request body that remote handles expect: a JSON array of {"topic":"…","value":"base64"}.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace barnabas::handlers {

/// What comes before the value in each element of one topic; made once a turn, not once a record.
class PayloadTopic {
 public:
  explicit PayloadTopic(std::string_view topic);
  const std::string& head() const { return head_; }

 private:
  std::string head_;
};

/// Appends one element to `body`, opening the array when `body` is empty. No allocation but the growth of `body`.
/// A record without a value (a tombstone) becomes `null`.
void payload_append(std::string& body, const PayloadTopic& topic, std::span<const char> value, bool has_value);

/// Closes the array.
void payload_finish(std::string& body);

/// The bytes that the element of a value of this size takes at most, for bounds.
inline std::size_t payload_element_size(const PayloadTopic& topic, std::size_t value_bytes) {
  return topic.head().size() + (value_bytes + 2) / 3 * 4 + 6;  // '[' or ',', quotes, '}', and null is no longer
}

/// The header rule of one family of agents: whether this value is to be kept. Dropped are values shorter than 4 bytes;
/// those with byte 0 other than 0xEF while byte 2 is not 0; and those whose byte 3 is neither 40 nor 70.
bool header_check_keeps(std::span<const char> value);

}  // namespace barnabas::handlers
