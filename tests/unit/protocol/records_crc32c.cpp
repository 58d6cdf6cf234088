#include <doctest/doctest.h>

#include "barnabas/protocol/records/crc32c.hpp"
#include "records_support.hpp"

namespace barnabas::records {
namespace {

using namespace testing;

TEST_CASE("crc32c: known vectors, by every method") {
  std::string rising, falling;
  for (char c = 0; c < 32; ++c) {
    rising += c;
    falling += static_cast<char>(31 - c);
  }
  const struct {
    std::string text;
    uint32 crc;
  } vectors[] = {
      {"", 0},
      {"a", 0xc1d04330},
      {"123456789", 0xe3069283},
      {std::string(32, '\0'), 0x8a9136aa},
      {std::string(32, '\xff'), 0x62a8ab43},
      {rising, 0x46dd794e},
      {falling, 0x113fdb5c},
  };
  for (const auto& vector : vectors) {
    CHECK(crc32c(vector.text) == vector.crc);
    for (const Crc32cMethod& method : crc32c_methods()) CHECK(~method.update(~0u, vector.text) == vector.crc);
  }
}

TEST_CASE("crc32c: the portable method comes first and agrees with all others at every size and alignment") {
  REQUIRE(!crc32c_methods().empty());
  CHECK(crc32c_methods().front().name == "portable");
  const std::string data = random_text(20'000);
  const auto compare = [&](std::size_t from, std::size_t size) {
    const bytes part = bytes(data).subspan(from, size);
    const uint32 expected = ~crc32c_methods().front().update(~0u, part);
    for (const Crc32cMethod& method : crc32c_methods()) REQUIRE(~method.update(~0u, part) == expected);
    REQUIRE(crc32c(part) == expected);
  };
  for (std::size_t size = 0; size < 700; ++size) compare(size % 9, size);
  for (std::size_t size = 3060; size < 3300; ++size) compare(size % 9, size);
  for (std::size_t size : {6143, 6144, 6145, 9216, 12'345, 19'990}) compare(3, size);
}

#if defined(__x86_64__)
TEST_CASE("crc32c: a processor with SSE 4.2 and PCLMULQDQ gets the hardware method") {
  const bool can = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
  CHECK(crc32c_methods().size() == (can ? 2 : 1));
}
#endif

TEST_CASE("crc32c: extending by the rest gives the checksum of the whole") {
  const std::string data = random_text(4000);
  const uint32 whole = crc32c(data);
  for (std::size_t cut = 0; cut <= data.size(); cut += 13) {
    REQUIRE(crc32c_extend(crc32c(bytes(data).first(cut)), bytes(data).subspan(cut)) == whole);
  }
}

}  // namespace
}  // namespace barnabas::records
