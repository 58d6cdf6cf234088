// Keys go where the Java client sends them.
#include "barnabas/client/produce/partitioner.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace barnabas;

// The values of Kafka's own UtilsTest.testMurmur2.
TEST_CASE("partitioner: murmur2 as in Java") {
  CHECK(client::murmur2("21") == -973932308);
  CHECK(client::murmur2("foobar") == -790332482);
  CHECK(client::murmur2("a-little-bit-long-string") == -985981536);
  CHECK(client::murmur2("a-little-bit-longer-string") == -1486304829);
  CHECK(client::murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
  CHECK(client::murmur2("abc") == 479470107);
}

TEST_CASE("partitioner: a key's partition is its positive hash modulo the count") {
  CHECK(client::partition_for_key("21", 10) == (-973932308 & 0x7fffffff) % 10);
  CHECK(client::partition_for_key("abc", 7) == 479470107 % 7);
  std::set<std::int32_t> met;
  for (int i = 0; i < 1000; ++i) {
    const std::int32_t partition = client::partition_for_key(std::to_string(i), 12);
    CHECK(partition >= 0);
    CHECK(partition < 12);
    met.insert(partition);
  }
  CHECK(met.size() == 12);
  CHECK(client::partition_for_key("", 1) == 0);
}

// Bytes above 127 are added as unsigned values.
TEST_CASE("partitioner: bytes that are negative in Java") {
  CHECK(client::murmur2("\xff") != client::murmur2(std::string_view("\x7f")));
  CHECK(client::murmur2(std::string_view("\x80\x80\x80", 3)) != client::murmur2(std::string_view("\0\0\0", 3)));
}
