#include <doctest/doctest.h>

#include <random>

#include "barnabas/protocol/types.hpp"

namespace barnabas::protocol {

TEST_CASE("uuids print as Kafka prints them") {
  CHECK(Uuid{}.to_string() == "AAAAAAAAAAAAAAAAAAAAAA");
  CHECK(Uuid{}.is_zero());
  Uuid ones;
  ones.octets.fill(0xff);
  CHECK(ones.to_string() == "_____________________w");
  Uuid counting;
  for (unsigned char i = 0; i < 16; ++i) counting.octets[i] = i;
  CHECK(counting.to_string() == "AAECAwQFBgcICQoLDA0ODw");
  // The id of the metadata topic: 1 in the last byte.
  Uuid metadata;
  metadata.octets[15] = 1;
  CHECK(metadata.to_string() == "AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST_CASE("printed uuids read back") {
  std::mt19937_64 chance(1);
  for (int i = 0; i < 200; ++i) {
    Uuid id;
    for (unsigned char& octet : id.octets) octet = static_cast<unsigned char>(chance());
    const auto back = Uuid::parse(id.to_string());
    REQUIRE(back);
    CHECK(*back == id);
  }
}

TEST_CASE("texts that are no uuid are refused") {
  for (const char* text :
       {"", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAA/AAAAAAAAAAA", "AAAAAAAAAA+AAAAAAAAAAA", "AAAAAAAAAA AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA?"}) {
    CAPTURE(text);
    CHECK_FALSE(Uuid::parse(text));
  }
}

}  // namespace barnabas::protocol
