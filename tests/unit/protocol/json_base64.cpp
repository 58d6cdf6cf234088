#include "barnabas/protocol/base64.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace barnabas::protocol::test {

namespace {

std::optional<std::string> decoded(string text) {
  const auto size = base64_decoded_size(text);
  if (!size) return std::nullopt;
  std::string out(*size, '?');
  if (!decode_base64(text, out.data())) return std::nullopt;
  return out;
}

std::string encoded(string data) {
  std::string out = "<";
  append_base64(out, data);
  return out.substr(1);
}

}  // namespace

TEST_CASE("base64 as RFC 4648 has it") {
  const std::pair<string, string> vectors[] = {{"", ""},
                                               {"f", "Zg=="},
                                               {"fo", "Zm8="},
                                               {"foo", "Zm9v"},
                                               {"foob", "Zm9vYg=="},
                                               {"fooba", "Zm9vYmE="},
                                               {"foobar", "Zm9vYmFy"},
                                               {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [data, text] : vectors) {
    CHECK(encoded(data) == text);
    CHECK(decoded(text) == data);
  }
}

TEST_CASE("every byte survives base64") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    CHECK(decoded(encoded(all)) == all);
  }
}

TEST_CASE("base64 that is not exact is refused") {
  for (const string text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "=", "Z===", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_",
                            "Zm9\xc3", "Zg==="}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(decoded(text).has_value());
  }
}

}  // namespace barnabas::protocol::test
